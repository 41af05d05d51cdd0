import PrintableText

/// Whose log somebody means.
public enum LogChoice {
    /// - Parameters:
    ///   - agent: a name, an id, a server's address, or what an agent with several models is called.
    ///   - model: one of those; nil: the agent has one, or is that of one.
    public static func of(
        _ agent: String,
        model: String?,
        among servers: [ModelServer]
    ) throws(ManagementClientError) -> ListedAgent {
        let there = servers.filter { one in
            !one.server.isLost && (isMeant(one.server, by: agent) || one.server.name?.hasPrefix("\(agent)/") == true)
        }
        guard let model else {
            guard !there.isEmpty, !there.contains(where: { isMeant($0.server, by: agent) }) else {
                return try AgentChoice.of(agent, among: servers.map(\.server))
            }
            let candidates = there.filter { !$0.server.id.isEmpty }
            guard let first = candidates.first, candidates.count == 1 else {
                throw .whichModel(agent, models: there.compactMap { $0.models.first?.printable() }.sorted())
            }
            return first.server
        }
        guard !there.isEmpty else { throw .unknown(agent, known: servers.map(\.server.inWords)) }
        let meant = there.filter { $0.models.contains(model) }
        guard let first = meant.first else {
            throw .noSuchModel(model, agent, models: there.compactMap { $0.models.first?.printable() }.sorted())
        }
        return try AgentChoice.of(first.server.address, among: meant.map(\.server))
    }

    private static func isMeant(_ server: ListedAgent, by word: String) -> Bool {
        server.name == word || server.id == word || server.address == word
    }
}
