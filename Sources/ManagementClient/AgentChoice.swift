import PrintableText

/// Which server of a list somebody means.
public enum AgentChoice {
    /// - Parameters:
    ///   - word: an agent's name or id, or a server's address. One that means two servers, as when an agent's id is the name
    ///     of another, is refused: who chooses an id must not choose what an operator's word does.
    ///   - lost: whether one that is lost is meant, or one that an agent speaks for.
    public static func of(
        _ word: String,
        among agents: [ListedAgent],
        lost: Bool = false
    ) throws(ManagementClientError) -> ListedAgent {
        let candidates = agents.filter { $0.id == word || $0.address == word || $0.name == word }
        guard let first = candidates.first else { throw .unknown(word, known: agents.map(\.inWords)) }
        guard candidates.count == 1 else {
            // An address can't be chosen by who it doesn't belong to, as a name and an id can.
            if let addressed = candidates.first(where: { $0.address == word }) {
                return try usable(addressed, lost: lost)
            }
            throw .ambiguous(word, candidates: candidates.map { "\($0.address) (id \($0.id))".printable() })
        }
        return try usable(first, lost: lost)
    }

    private static func usable(_ agent: ListedAgent, lost: Bool) throws(ManagementClientError) -> ListedAgent {
        if lost {
            guard agent.isLost else { throw .notLost(agent.inWords) }
        } else {
            guard !agent.id.isEmpty else { throw .left(agent.inWords) }
        }
        return agent
    }
}
