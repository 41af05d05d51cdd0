/// The models that a request may get, since it names an alias, and the one that it waits for or has.
struct ModelChoice: Equatable, Sendable {
    /// As the operator lists them, the preferred one first.
    private let names: [String]
    private var position: Int
    /// Since when it waits for this one.
    private(set) var since: Instant

    init(_ names: [String], at position: Int, since now: Instant) {
        self.names = names
        self.position = position
        since = now
    }

    /// What its servers call it.
    var name: String { names[position] }

    /// Whether the list goes on behind it.
    var isLast: Bool { position == names.count - 1 }

    /// Those behind it, with their places.
    var further: some Sequence<(position: Int, name: String)> {
        names.indices.dropFirst(position + 1).lazy.map { (position: $0, name: names[$0]) }
    }

    /// It waits for that one from now on.
    mutating func take(_ position: Int, at now: Instant) {
        self.position = position
        since = now
    }

    /// It is back from a server, and waits anew.
    mutating func waitAgain(at now: Instant) {
        since = now
    }
}
