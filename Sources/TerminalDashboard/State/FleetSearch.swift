import ManagementClient

/// What a balancer is asked for by words, while somebody looks: of a large fleet a snapshot doesn't have all servers.
struct FleetSearch: Equatable, Sendable {
    /// Found by the words that were asked for last.
    private(set) var agents: [FleetDocument.Agent] = []
    private var words = ""
    private var askedAt: Duration?

    private static let interval: Duration = .seconds(5)

    /// - Parameter words: what is looked for.
    /// - Returns: what is to be asked for; nil: nothing is looked for, or it was asked for a moment ago.
    mutating func wantLoading(_ words: String, at now: Duration) -> String? {
        let words = words.lowercased().split(separator: " ").joined(separator: " ")
        if words != self.words { self = FleetSearch(words: words) }
        guard !words.isEmpty else { return nil }
        if let askedAt, now - askedAt < Self.interval { return nil }
        askedAt = now
        return words
    }

    /// - Parameter words: by which; what was found by others than are looked for now is nothing.
    mutating func found(_ agents: [FleetDocument.Agent], by words: String) {
        if words == self.words { self.agents = agents }
    }

    init() {}

    private init(words: String) {
        self.words = words
    }
}
