import LlamaServer

/// The body of `POST /register/target`, by which agents of Paddler 0.10 register and update their llama-server each
/// second.
public struct TargetRegistration: Hashable, Sendable {
    public static let path = "/register/target"
    /// The longest body in bytes; what such an agent sends has some hundreds.
    public static let maximumBytes = 64 * 1024
    /// An agent that says nothing for so long is gone.
    public static let maximumSilence: Duration = .seconds(3)

    /// The agent process; not checked.
    public let agentID: String
    public let status: OldAgentStatus

    /// - Throws: `MessageError` if it isn't a registration, `ReportError` if it isn't to be believed.
    public init(json: [UInt8]) throws {
        let wire: Wire = try decodeMessage(json)
        agentID = wire.target.id
        status = try OldAgentStatus(
            name: wire.target.name,
            address: wire.target.server.address.networkAddress(),
            usesTLS: wire.target.server.address.usesTLS(),
            condition: wire.slots.condition,
            idle: wire.slots.idle,
            processing: wire.slots.processing,
            fields: ("slots_idle", "slots_processing")
        )
    }

    /// As it is sent. `paddler_agent_name` is always empty, and so is `ApiKey`.
    private struct Wire: Decodable {
        let slots: Slots
        let target: Target

        enum CodingKeys: String, CodingKey {
            case slots = "llama_cpp_slots_aggregated_status"
            case target = "llama_cpp_target_configuration"
        }
    }

    private struct Target: Decodable {
        let id: String
        let name: String?
        let server: Server

        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case name = "Name"
            case server = "llama_cpp_configuration"
        }
    }

    private struct Server: Decodable {
        let address: Address

        enum CodingKeys: String, CodingKey {
            case address = "http_address"
        }
    }

    private struct Address: Decodable {
        let host: String
        let port: Int
        let scheme: String?

        func networkAddress() throws(ReportError) -> NetworkAddress {
            do {
                // Version 0.10 writes host:port, so that an IPv6 address works there with its brackets only.
                let isBare = host.contains(":") && !host.hasPrefix("[")
                return try NetworkAddress(parsing: isBare ? "[\(host)]:\(port)" : "\(host):\(port)")
            } catch {
                throw .outOfRange("http_address", ReportLimits.shortened("\(error)"))
            }
        }

        func usesTLS() throws(ReportError) -> Bool {
            switch scheme {
            case "http", nil: false
            case "https": true
            case let scheme?: throw .outOfRange("http_address.scheme", ReportLimits.shortened(scheme))
            }
        }
    }

    private struct Slots: Decodable {
        let status: String?
        let errorMessage: String?
        let idle: Int
        let processing: Int

        enum CodingKeys: String, CodingKey {
            case status
            case errorMessage = "error_message"
            case idle = "slots_idle"
            case processing = "slots_processing"
        }

        /// `status` is empty when all is well, never "ok".
        var condition: Condition {
            let message = errorMessage ?? ""
            guard status == "error" || !message.isEmpty else { return .ready }
            return Condition(goError: message)
        }
    }
}

extension Condition {
    /// From the text of an error as Go's `net/http` and `encoding/json` write it, which is all that version 0.10 tells.
    fileprivate init(goError text: String) {
        let isTimeout = text.contains("context deadline exceeded") || text.contains("Client.Timeout")
        let isConnecting = text.contains("dial tcp") || text.contains("connection re") || text.contains(": EOF")
        // A dial that takes too long finds no server, whatever the reason.
        self =
            if isConnecting {
                .down(text)
            } else if isTimeout {
                .unresponsive
            } else {
                .unexpected(text)
            }
    }
}
