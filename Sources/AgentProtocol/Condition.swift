/// Whether a llama-server can be given requests, or why not.
public enum Condition: Hashable, Sendable {
    case ready
    /// It answers, but its model is still being loaded.
    case loading
    /// No connection to it can be made, or none lasts.
    case down(String)
    /// It accepts connections and doesn't answer in time.
    case unresponsive
    /// It answers, and nothing moves in any of its busy slots; says since when.
    case stuck(String)
    /// It wants another API key than the agent has.
    case unauthorized
    /// It was started with `--no-slots`.
    case slotsDisabled
    /// It has crashed, and is being started again; says how it ended, with the end of its log.
    case restarting(String)
    /// It crashes whenever it is started, and isn't started again; says how it ended, with the end of its log.
    case failing(String)
    /// It isn't running, and is loaded when a balancer wishes it.
    case unloaded
    /// It answers something else.
    case unexpected(String)

    /// What an operator can do about it; nil when there is nothing to do.
    public var hint: String? {
        switch self {
        case .ready: nil
        case .loading: "wait until the model is loaded"
        case .down: "start llama-server, or correct the agent's --local-llamacpp-addr"
        case .unresponsive: "see whether llama-server hangs or its machine is overloaded"
        case .stuck:
            "read llama-server's log and restart it if it hangs; if one batch of a prompt takes so long, give the agent a "
                + "longer --stuck-after"
        case .unauthorized: "pass --local-llamacpp-api-key to the agent"
        case .slotsDisabled: "start llama-server with --slots"
        case .restarting: "wait until it is back; the end of its log says why it ended"
        case .failing: "correct what the end of its log complains of, and start it again"
        case .unloaded: "nothing: it is loaded when requests ask for its model, or by paddler load"
        case .unexpected: "see whether the agent's --local-llamacpp-addr is that of a llama-server, and read its log"
        }
    }

    func fitted() -> Condition {
        switch self {
        case .down(let message): .down(ReportLimits.shortened(message))
        case .stuck(let message): .stuck(ReportLimits.shortened(message))
        case .restarting(let message): .restarting(ReportLimits.shortened(message))
        case .failing(let message): .failing(ReportLimits.shortened(message))
        case .unexpected(let message): .unexpected(ReportLimits.shortened(message))
        case .ready, .loading, .unresponsive, .unauthorized, .slotsDisabled, .unloaded: self
        }
    }

    func validate() throws(ReportError) {
        switch self {
        case .down(let message), .stuck(let message), .restarting(let message), .failing(let message),
            .unexpected(let message):
            try ReportLimits.check(message, "condition.message")
        case .ready, .loading, .unresponsive, .unauthorized, .slotsDisabled, .unloaded:
            break
        }
    }
}

extension Condition: Codable {
    /// A kind that this version doesn't know is `unexpected`: not usable, and said so.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let message = try container.decodeIfPresent(String.self, forKey: .message) ?? ""
        switch try container.decode(String.self, forKey: .kind) {
        case "ready": self = .ready
        case "loading": self = .loading
        case "down": self = .down(message)
        case "unresponsive": self = .unresponsive
        case "stuck": self = .stuck(message)
        case "unauthorized": self = .unauthorized
        case "slots_disabled": self = .slotsDisabled
        case "restarting": self = .restarting(message)
        case "failing": self = .failing(message)
        case "unloaded": self = .unloaded
        case "unexpected": self = .unexpected(message)
        case let kind: self = .unexpected(message.isEmpty ? kind : "\(kind): \(message)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        switch self {
        case .down(let message), .stuck(let message), .restarting(let message), .failing(let message),
            .unexpected(let message):
            try container.encode(message, forKey: .message)
        case .ready, .loading, .unresponsive, .unauthorized, .slotsDisabled, .unloaded:
            break
        }
    }

    /// Its name in messages, logs and the API.
    public var kind: String {
        switch self {
        case .ready: "ready"
        case .loading: "loading"
        case .down: "down"
        case .unresponsive: "unresponsive"
        case .stuck: "stuck"
        case .unauthorized: "unauthorized"
        case .slotsDisabled: "slots_disabled"
        case .restarting: "restarting"
        case .failing: "failing"
        case .unloaded: "unloaded"
        case .unexpected: "unexpected"
        }
    }

    private enum CodingKeys: String, CodingKey {
        case kind
        case message
    }
}
