import Agent
import Balancer
import LlamaServer

/// What is served on this machine, and how.
struct ServeConfiguration {
    var balancer: BalancerConfiguration
    let server: ServerArguments
    /// nil: the one on the PATH.
    let llamaServer: String?
    let loadTimeout: Duration
    let opens: Bool
    private let name: String?
    private let stuckAfter: Duration

    /// - Parameter serverArguments: further ones of llama-server.
    init(_ settings: Settings, serverArguments: [String], environment: [String: String]) throws(FlagValueError) {
        balancer = try BalancerConfiguration(settings)
        if !settings.isGiven(BalancerSettings.dashboard) { balancer.enablesDashboard = true }
        server = try ServerArguments(
            model: settings.value(ServeSettings.model),
            own: serverArguments,
            environment: environment
        )
        llamaServer = try settings.value(ServeSettings.llamaServer)
        loadTimeout = try settings.value(ServeSettings.loadTimeout).duration
        opens = try settings.value(ServeSettings.opens)
        name = try settings.value(AgentSettings.name)
        stuckAfter = try settings.value(AgentSettings.stuckAfter).duration
    }

    /// What the model is called.
    var model: String { server.model?.split(separator: "/").last.map(String.init) ?? "the model" }

    /// - Parameters:
    ///   - port: llama-server's.
    ///   - management: where the balancer listens for agents.
    func agent(port: Int, management: NetworkAddress) -> AgentConfiguration {
        let local = NetworkAddress(host: "127.0.0.1", port: port)
        var agent = AgentConfiguration(
            local: local,
            external: local,
            management: [management.fromHere],
            name: name ?? server.model.map { _ in model },
            apiKey: server.apiKey,
            version: Version.current
        )
        agent.pathPrefix = server.pathPrefix
        agent.stuckAfter = stuckAfter
        agent.managementToken = balancer.managementTokens.first
        if agent.managementToken == nil { agent.managementTokenFile = balancer.managementTokenFile }
        return agent
    }
}

extension NetworkAddress {
    /// Where this machine reaches a listener: one of all addresses is on the machine's own, too.
    var fromHere: NetworkAddress {
        switch host {
        case "0.0.0.0": NetworkAddress(host: "127.0.0.1", port: port)
        case "::": NetworkAddress(host: "::1", port: port)
        default: self
        }
    }
}
