import AgentProtocol
import AgentRules
import LlamaServer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One of the documents that Paddler 1.x's `POST /status_update/{agentID}` takes.
struct Version1Report: Equatable {
    private let name: String?
    private let error: String?
    private let address: NetworkAddress
    /// False when llama-server wants another key, nil when that isn't known.
    private let isAuthorized: Bool?
    /// False when llama-server has no `/slots`, nil when that isn't known.
    private let isSlotsEndpointEnabled: Bool?
    private let slots: OfferedSlots

    static func path(agentID: String) -> String {
        "/status_update/\(agentID)"
    }

    /// 1.x reads each piece that comes off the network as one document, and fails on a piece of one. It balances by the
    /// counts: a list that could make a document longer than a packet is left out.
    private static let mostSlotsListed = 24

    /// - Parameter address: where balancers reach the llama-server: with an IP address, since 1.x reads no names.
    init(_ status: ServerStatus, isLeaving: Bool, name: String?, address: NetworkAddress) {
        self.name = name
        self.address = address
        slots = OfferedSlots(status, isLeaving: isLeaving)
        switch status.condition {
        case .ready:
            (error, isAuthorized, isSlotsEndpointEnabled) = (nil, true, true)
        case .unauthorized:
            (error, isAuthorized, isSlotsEndpointEnabled) = (nil, false, nil)
        case .slotsDisabled:
            (error, isAuthorized, isSlotsEndpointEnabled) = (nil, nil, false)
        case .loading, .down, .unresponsive, .stuck, .restarting, .failing, .unloaded, .unexpected:
            (error, isAuthorized, isSlotsEndpointEnabled) = (Self.cut(status.condition.problem), nil, nil)
        }
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// So that the document fits into a packet.
    private static func cut(_ problem: String?) -> String? {
        problem.map { String($0.prefix(200)) }
    }
}

extension Version1Report: Encodable {
    /// What isn't known is null: 1.x wants every name to be there.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(error, forKey: .error)
        try container.encode(address, forKey: .address)
        try container.encode(slots.idle, forKey: .idle)
        try container.encode(isAuthorized, forKey: .isAuthorized)
        try container.encode(isSlotsEndpointEnabled, forKey: .isSlotsEndpointEnabled)
        try container.encode(slots.processing, forKey: .processing)
        try container.encode(slotList, forKey: .slots)
    }

    private var slotList: [Slot] {
        let total = slots.processing + slots.idle
        guard total <= Self.mostSlotsListed else { return [] }
        return (0..<total).map { Slot(id: $0, isProcessing: $0 < slots.processing) }
    }

    private struct Slot: Encodable {
        let id: Int
        let isProcessing: Bool

        enum CodingKeys: String, CodingKey {
            case id
            case isProcessing = "is_processing"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case name = "agent_name"
        case error
        case address = "external_llamacpp_addr"
        case idle = "idle_slots_count"
        case isAuthorized = "is_authorized"
        case isSlotsEndpointEnabled = "is_slots_endpoint_enabled"
        case processing = "processing_slots_count"
        case slots
    }
}
