import LlamaServer

/// One of the objects in the body of `POST /status_update/{id}`, by which agents of Paddler 1.x register and update their
/// llama-server: for as long as the request lasts, which has no other end than the connection's.
public enum StatusUpdate {
    /// The route, with `{id}` standing for the identity that an agent gives itself when it starts.
    public static let pathPrefixes = ["/status_update", "/api/v1/agent_status_update"]

    /// - Throws: `MessageError` if it isn't a status update, `ReportError` if it isn't to be believed.
    public static func decode(json: [UInt8]) throws -> OldAgentStatus {
        let wire: Wire = try decodeMessage(json)
        return try OldAgentStatus(
            name: wire.name,
            address: wire.address,
            condition: wire.condition,
            idle: wire.idle,
            processing: wire.processing,
            fields: ("slots_idle", "slots_processing")
        )
    }

    /// As versions 1.0 to 1.2 send it, and as their successor of July 2025 does. The list of slots in the former says
    /// nothing beyond its counts.
    private struct Wire: Decodable {
        let name: String?
        let error: String?
        let address: NetworkAddress
        let idle: Int
        let processing: Int
        let isAuthorized: Bool?
        let isSlotsEndpointEnabled: Bool?
        let isConnectError: Bool
        let isRequestError: Bool

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decodeIfPresent(String.self, forKey: .name)
            error = try container.decodeIfPresent(String.self, forKey: .error)
            address = try container.decode(NetworkAddress.self, forKey: .address)
            idle = try container.decode(Int.self, forKey: container.contains(.olderIdle) ? .olderIdle : .idle)
            processing = try container.decode(
                Int.self,
                forKey: container.contains(.olderProcessing) ? .olderProcessing : .processing
            )
            isAuthorized = try container.decodeIfPresent(Bool.self, forKey: .isAuthorized)
            isSlotsEndpointEnabled = try container.decodeIfPresent(Bool.self, forKey: .isSlotsEndpointEnabled)
            isConnectError = try container.decodeIfPresent(Bool.self, forKey: .isConnectError) ?? false
            isRequestError = try container.decodeIfPresent(Bool.self, forKey: .isRequestError) ?? false
        }

        enum CodingKeys: String, CodingKey {
            case name = "agent_name"
            case error
            case address = "external_llamacpp_addr"
            case idle = "slots_idle"
            case processing = "slots_processing"
            case olderIdle = "idle_slots_count"
            case olderProcessing = "processing_slots_count"
            case isAuthorized = "is_authorized"
            case isSlotsEndpointEnabled = "is_slots_endpoint_enabled"
            case isConnectError = "is_connect_error"
            case isRequestError = "is_request_error"
        }

        /// The flags first: the newer of these agents has a text for everything that they say.
        var condition: Condition {
            if isAuthorized == false { return .unauthorized }
            if isSlotsEndpointEnabled == false { return .slotsDisabled }
            if let error {
                // `reqwest`, 1.0 to 1.2: a connection that can't be made, and one that gives no answer within 3 s.
                let isUnanswered = isConnectError || isRequestError || error.contains("error sending request")
                return isUnanswered ? .down(error) : .unexpected(error)
            }
            // What these versions take for usable, too.
            return isAuthorized == true ? .ready : .unexpected("its agent doesn't say that it is let in")
        }
    }
}
