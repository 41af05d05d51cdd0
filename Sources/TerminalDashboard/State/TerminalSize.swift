/// In columns and rows, at least one of each.
package struct TerminalSize: Equatable, Sendable {
    package let width: Int
    package let height: Int

    /// - Parameters: 0 or less is taken for unknown, and more than 1000 for 1000.
    package init(width: Int, height: Int) {
        self.width = width > 0 ? min(width, 1000) : 80
        self.height = height > 0 ? min(height, 1000) : 24
    }
}
