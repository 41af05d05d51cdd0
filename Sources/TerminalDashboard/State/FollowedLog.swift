/// The log of a server that is looked at, as far as it was told.
struct FollowedLog: Equatable, Sendable {
    /// Of the server.
    let address: String
    private(set) var lines: [String] = []
    /// Why no more comes; nil: more may come.
    private(set) var end: String?

    /// The oldest go.
    static let mostLines = 2000

    init(address: String) {
        self.address = address
    }

    mutating func add(_ more: [String]) {
        lines += more
        if lines.count > Self.mostLines { lines.removeFirst(lines.count - Self.mostLines) }
    }

    mutating func end(_ reason: String) {
        end = reason
    }
}
