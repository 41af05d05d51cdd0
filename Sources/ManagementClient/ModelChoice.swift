import PrintableText

/// Which servers somebody means who wants a model loaded or unloaded.
public enum ModelChoice {
    /// Where to load it: a server that hasn't it yet.
    ///
    /// - Parameters:
    ///   - model: as requests may call it.
    ///   - agent: a name, an id, a server's address or a host; nil: whoever can.
    /// - Returns: nil if all of them have it.
    public static func toLoad(
        _ model: String,
        on agent: String?,
        among servers: [ModelServer]
    ) throws(ManagementClientError) -> ModelServer? {
        try candidates(model, agent, servers).first { !$0.isLoaded }
    }

    /// Where to unload it.
    public static func toUnload(
        _ model: String,
        on agent: String?,
        among servers: [ModelServer]
    ) throws(ManagementClientError) -> [ModelServer] {
        try candidates(model, agent, servers).filter(\.isLoaded)
    }

    private static func candidates(
        _ model: String,
        _ agent: String?,
        _ servers: [ModelServer]
    ) throws(ManagementClientError) -> [ModelServer] {
        let named = servers.filter { $0.models.contains(model) && !$0.server.isLost }
        guard !named.isEmpty else {
            throw .unknownModel(
                model,
                known: Set(servers.flatMap { $0.models.prefix(1) }).sorted().map { $0.printable() }
            )
        }
        let onDemand = named.filter { $0.onDemand != nil }
        guard !onDemand.isEmpty else { throw .notOnDemand(model) }
        guard let agent else { return onDemand }
        let there = onDemand.filter {
            $0.server.name == agent || $0.server.id == agent || $0.server.address == agent
                || $0.server.name?.hasPrefix("\(agent)/") == true || $0.onDemand?.host == agent
        }
        guard !there.isEmpty else { throw .notThere(model, agent, servers: onDemand.map(\.server.inWords)) }
        return there
    }
}
