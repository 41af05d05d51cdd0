/// What an agent says to a balancer.
public enum AgentMessage: Hashable, Sendable {
    /// The first message of a connection.
    case hello(Hello)
    /// How its llama-server is: at once after `hello`, on every change, on demand, and as a heartbeat.
    case report(StatusReport)
    /// The agent stops: its llama-server is to get no more requests by its word.
    case goodbye
}

extension AgentMessage: Codable {
    public init(from decoder: any Decoder) throws {
        switch try MessageType(from: decoder).type {
        case "hello": self = .hello(try Hello(from: decoder))
        case "report": self = .report(try StatusReport(from: decoder))
        case "goodbye": self = .goodbye
        case let type: throw UnknownMessage(type: type)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .hello(let hello):
            try MessageType(type: "hello").encode(to: encoder)
            try hello.encode(to: encoder)
        case .report(let report):
            try MessageType(type: "report").encode(to: encoder)
            try report.encode(to: encoder)
        case .goodbye:
            try MessageType(type: "goodbye").encode(to: encoder)
        }
    }
}
