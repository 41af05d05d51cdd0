/// Which server of a list somebody means.
public enum AgentChoice {
    /// - Parameter word: an agent's name or id, or a server's address. An id or an address means one server even where
    ///   another is called so.
    public static func of(
        _ word: String,
        among agents: [ListedAgent]
    ) throws(ManagementClientError) -> ListedAgent {
        let exact = agents.filter { $0.id == word || $0.address == word }
        let candidates = exact.isEmpty ? agents.filter { $0.name == word } : exact
        guard let first = candidates.first else { throw .unknown(word, known: agents.map(\.inWords)) }
        guard candidates.count == 1 else {
            throw .ambiguous(word, candidates: candidates.map { "\($0.address) (id \($0.id))" })
        }
        guard !first.id.isEmpty else { throw .left(first.inWords) }
        return first
    }
}
