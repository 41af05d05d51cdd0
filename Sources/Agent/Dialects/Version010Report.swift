import AgentRules
import LlamaServer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What Paddler 0.10's `POST /register/target` takes: who the agent is and how its llama-server is, each time. The
/// letter case of each name is 0.10's.
struct Version010Report: Encodable, Equatable {
    private let status: Status
    private let target: Target
    /// 0.10's agents leave it empty: the name is the target's.
    private let agentName = ""

    static let path = "/register/target"

    /// - Parameter isLate: whether the sample is an old one: then those that worked are all there are.
    init(_ status: ServerStatus, isLeaving: Bool, isLate: Bool = false, from agent: AgentIdentity) {
        let slots = OfferedSlots(status, isLeaving: isLeaving || isLate)
        let problem = status.condition.problem ?? (isLate ? "llama-server is late to answer GET /slots" : nil)
        self.status = Status(
            errorMessage: problem,
            status: problem == nil ? "" : "error",
            slotsIdle: slots.idle,
            slotsProcessing: slots.processing
        )
        let address = Address(
            // 0.10 writes host, colon, port, and so needs the brackets around an IPv6 address.
            host: agent.external.host.contains(":") ? "[\(agent.external.host)]" : agent.external.host,
            port: agent.external.port,
            scheme: agent.externalUsesTLS ? "https" : "http"
        )
        target = Target(id: agent.id, name: agent.name ?? "", server: Server(address: address))
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    private enum CodingKeys: String, CodingKey {
        case status = "llama_cpp_slots_aggregated_status"
        case target = "llama_cpp_target_configuration"
        case agentName = "paddler_agent_name"
    }

    private struct Status: Encodable, Equatable {
        /// Left out when there is none.
        let errorMessage: String?
        let status: String
        let slotsIdle: Int
        let slotsProcessing: Int

        enum CodingKeys: String, CodingKey {
            case errorMessage = "error_message"
            case status
            case slotsIdle = "slots_idle"
            case slotsProcessing = "slots_processing"
        }
    }

    private struct Target: Encodable, Equatable {
        let id: String
        let name: String
        let server: Server

        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case name = "Name"
            case server = "llama_cpp_configuration"
        }
    }

    private struct Server: Encodable, Equatable {
        let address: Address
        /// 0.10's agents never tell their key.
        let apiKey = ""

        enum CodingKeys: String, CodingKey {
            case address = "http_address"
            case apiKey = "ApiKey"
        }
    }

    private struct Address: Encodable, Equatable {
        let host: String
        let port: Int
        let scheme: String
    }
}
