#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A server of the balancer's list, as far as its model is concerned.
public struct ModelServer: Equatable, Sendable, Decodable {
    public let server: ListedAgent
    /// The names that requests may ask for, the usual one first.
    public let models: [String]
    /// As the balancer calls it: `usable`, `unloaded`, `not_ready` and so on.
    public let state: String
    /// What its agent says of it: `ready`, `loading`, `failing` and so on.
    public let condition: String
    /// It gets nothing more, since it is about to go.
    public let isLeaving: Bool
    public let slotsTotal: Int
    public let slotsProcessing: Int
    /// nil: its agent doesn't load and unload it, or the balancer is older.
    public let onDemand: OnDemand?

    public struct OnDemand: Equatable, Sendable, Decodable {
        public let host: String
        public let memoryBytes: Int
        public let loadedForSeconds: Int?
        public let isPinned: Bool
        public let wish: String?
        public let refusal: String?

        enum CodingKeys: String, CodingKey {
            case host
            case memoryBytes = "memory_bytes"
            case loadedForSeconds = "loaded_for_seconds"
            case isPinned = "pinned"
            case wish
            case refusal
        }
    }

    enum CodingKeys: String, CodingKey {
        case models
        case state
        case condition
        case isLeaving = "leaving"
        case slotsTotal = "slots_total"
        case slotsProcessing = "slots_processing"
        case onDemand = "on_demand"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        server = try ListedAgent(from: decoder)
        models = try container.decodeIfPresent([String].self, forKey: .models) ?? []
        state = try container.decodeIfPresent(String.self, forKey: .state) ?? ""
        condition = try container.decodeIfPresent(String.self, forKey: .condition) ?? ""
        isLeaving = try container.decodeIfPresent(Bool.self, forKey: .isLeaving) ?? false
        slotsTotal = try container.decodeIfPresent(Int.self, forKey: .slotsTotal) ?? 0
        slotsProcessing = try container.decodeIfPresent(Int.self, forKey: .slotsProcessing) ?? 0
        onDemand = try container.decodeIfPresent(OnDemand.self, forKey: .onDemand)
    }

    /// Whether its model is in memory, or about to be.
    public var isLoaded: Bool { state != "unloaded" && condition != "failing" && !server.isLost }
}

/// `GET /api/v1/agents`, as far as models are concerned.
public struct FleetModels: Equatable, Sendable, Decodable {
    public let servers: [ModelServer]
    /// How many requests wait, by model; empty while the fleet serves one.
    public let waiting: [String: Int]
    /// How many wait for whatever.
    public let queued: Int

    private struct Fleet: Decodable {
        struct Model: Decodable {
            let name: String?
            let queued: Int
        }

        let queued: Int?
        let models: [Model]?
    }

    private enum CodingKeys: String, CodingKey {
        case agents
        case fleet
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        servers = try container.decode([ModelServer].self, forKey: .agents)
        let fleet = try container.decodeIfPresent(Fleet.self, forKey: .fleet)
        queued = fleet?.queued ?? 0
        let named = fleet?.models?.compactMap { model in model.name.map { ($0, model.queued) } } ?? []
        waiting = Dictionary(named) { first, _ in first }
    }

    /// How many wait for what this server serves.
    public func waiting(for server: ModelServer) -> Int {
        waiting.isEmpty ? queued : server.models.lazy.compactMap { waiting[$0] }.first ?? 0
    }
}

extension ManagementClient {
    public func models() async throws(ManagementClientError) -> FleetModels {
        let body = try await ask("GET", "/api/v1/agents")
        guard let models = try? JSONDecoder().decode(FleetModels.self, from: Data(body)) else {
            throw .garbled(balancer.url)
        }
        return models
    }
}
