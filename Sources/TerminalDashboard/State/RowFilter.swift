/// Which rows are shown: those that have each of the words in what is known of them.
struct RowFilter: Equatable, Sendable {
    private(set) var text = ""
    /// Keys are letters of it now.
    private(set) var isTyped = false

    /// In characters.
    private static let longest = 100

    var isEmpty: Bool { words.isEmpty }

    /// - Parameter known: texts of a row.
    func shows(_ known: [String]) -> Bool {
        let known = known.joined(separator: " ").lowercased()
        return words.allSatisfy(known.contains)
    }

    mutating func begin() {
        isTyped = true
    }

    mutating func clear() {
        self = RowFilter()
    }

    /// While it is typed.
    mutating func take(_ key: Key) {
        switch key {
        case .character(let character): if text.count < Self.longest { text.append(character) }
        case .backspace: if text.isEmpty { isTyped = false } else { text.removeLast() }
        case .control("u"): text = ""
        case .enter: isTyped = false
        case .escape: clear()
        case .control, .up, .down, .left, .right, .pageUp, .pageDown, .home, .end: break
        }
    }

    private var words: [String] { text.lowercased().split(separator: " ").map(String.init) }
}
