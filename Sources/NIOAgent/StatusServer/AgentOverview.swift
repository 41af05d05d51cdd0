import Agent
import AgentProtocol
import AgentRules
import LlamaServer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an agent sees and does, as `GET /api/v1/status` tells it.
struct AgentOverview: Equatable, Sendable {
    let name: String?
    let version: String
    let local: NetworkAddress
    let external: NetworkAddress
    let server: ServerStatus?
    let balancers: [Balancer]
    /// Whether it was told to stop and waits for what still runs.
    let isDraining: Bool

    struct Balancer: Encodable, Equatable {
        let address: NetworkAddress
        let connected: Bool
    }

    init(_ state: AgentState, of configuration: AgentConfiguration) {
        name = configuration.name
        version = configuration.version
        local = configuration.local
        external = configuration.external
        server = state.server
        balancers = zip(configuration.management, state.links).map {
            Balancer(address: $0, connected: $1.isConnected)
        }
        isDraining = state.isDraining
    }

    var json: [UInt8] { Self.encoded(self) }

    /// Of several agents in one process.
    static func json(of agents: [AgentOverview]) -> [UInt8] { encoded(["agents": agents]) }

    /// Empty if it can't be written, which can't be.
    private static func encoded(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map(Array.init) ?? []
    }
}

extension AgentOverview: Encodable {
    /// What isn't known is null.
    func encode(to encoder: any Encoder) throws {
        let condition = server?.condition
        let sample = condition == .ready ? server?.sample : nil
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(version, forKey: .version)
        try container.encode(local, forKey: .local)
        try container.encode(external, forKey: .external)
        try container.encode(condition?.kind, forKey: .condition)
        try container.encode(condition?.problem, forKey: .problem)
        try container.encode(condition?.hint, forKey: .hint)
        try container.encode(sample?.total, forKey: .slotsTotal)
        try container.encode(sample.map { $0.total - $0.processing }, forKey: .slotsIdle)
        try container.encode(sample?.processing, forKey: .slotsProcessing)
        try container.encode(server?.isSleeping ?? false, forKey: .isSleeping)
        try container.encode(server?.models ?? [], forKey: .models)
        try container.encode(balancers, forKey: .balancers)
        try container.encode(isDraining, forKey: .isDraining)
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case version
        case local = "local_llamacpp_addr"
        case external = "external_llamacpp_addr"
        case condition
        case problem
        case hint
        case slotsTotal = "slots_total"
        case slotsIdle = "slots_idle"
        case slotsProcessing = "slots_processing"
        case isSleeping = "sleeping"
        case models
        case balancers
        case isDraining = "draining"
    }
}
