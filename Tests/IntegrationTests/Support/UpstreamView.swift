import Foundation

/// One upstream as operators see it.
struct UpstreamView: Decodable, Equatable, Sendable {
    let name: String?
    let address: String
    let state: String
    let condition: String
    let error: String?
    let hint: String?
    let slotsTotal: Int
    let slotsIdle: Int
    let slotsLeased: Int
    let slotsForeign: Int
    /// Of these, other balancers'.
    let slotsOthers: Int
    let slotsCooling: Int
    let weight: Int

    /// Used, and with nothing to do.
    var isAtRest: Bool { state == "usable" && slotsIdle == slotsTotal }

    enum CodingKeys: String, CodingKey {
        case name = "agent_name"
        case address = "external_llamacpp_addr"
        case state, condition, error, hint, weight
        case slotsTotal = "slots_total"
        case slotsIdle = "slots_idle"
        case slotsLeased = "slots_leased"
        case slotsForeign = "slots_foreign"
        case slotsOthers = "slots_others"
        case slotsCooling = "slots_cooling"
    }
}

extension RunningBalancer {
    private struct Agents: Decodable {
        let agents: [UpstreamView]
    }

    private struct BufferedRequests: Decodable {
        let count: Int

        enum CodingKeys: String, CodingKey {
            case count = "buffered_requests_count"
        }
    }

    func upstreams() async throws -> [UpstreamView] {
        try await operators(Agents.self, "/api/v1/agents").agents
    }

    func upstream(named name: String) async throws -> UpstreamView? {
        try await upstreams().first { $0.name == name }
    }

    /// How many requests wait for a slot.
    func waiting() async throws -> Int {
        try await operators(BufferedRequests.self, "/api/v1/buffered_requests").count
    }

    func waitUntilWaiting(_ count: Int) async throws {
        try await eventually("waiting requests", equals: count) { try await waiting() }
    }

    private func operators<Reply: Decodable>(_ type: Reply.Type, _ path: String) async throws -> Reply {
        let reply = try await RawClient.exchange("GET", path, port: managementPort)
        return try JSONDecoder().decode(type, from: Data(reply.body))
    }
}
