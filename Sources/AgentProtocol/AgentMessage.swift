public import LlamaServer

/// What an agent says to a balancer.
public enum AgentMessage: Hashable, Sendable {
    /// The first message of a connection.
    case hello(Hello)
    /// How its llama-server is: at once after `hello`, and whenever anything but the slots has changed.
    case report(StatusReport)
    /// A new sample of the slots, on demand too; everything else is as the last report of this connection said.
    case slots(SlotsReport)
    /// How many leases its other balancers have there, after the first report and whenever that has changed. Said to balancers
    /// alone that tell of theirs (``BalancerMessage/leases(_:)``); others skip it.
    ///
    /// - Parameter leases: 0...65,536; what is beyond that is cut.
    case others(leases: Int)
    /// What prompts are hashed with by another balancer, whose seed is older than this one's. Said to balancers alone that tell of
    /// theirs (``BalancerMessage/promptSeed(_:)``); others skip it.
    case promptSeed(PromptSeed)
    /// What a request of another balancer that has the same seed makes of the caches there. Said to balancers alone that tell of
    /// their seed.
    case prompt(PromptNews)
    /// Everything is as the last report of this connection said. Written as an empty line: of a large fleet these are
    /// most of what a balancer reads, and it takes no decoder to read them.
    case heartbeat
    /// Lines of its llama-server's log, which the balancer has asked for.
    case log(LogAnswer)
    /// The agent stops: its llama-server is to get no more requests by its word.
    case goodbye
}

extension AgentMessage: Codable {
    public init(from decoder: any Decoder) throws {
        switch try MessageType(from: decoder).type {
        case "hello": self = .hello(try Hello(from: decoder))
        case "report": self = .report(try StatusReport(from: decoder))
        case "slots": self = .slots(try SlotsReport(from: decoder))
        case "others":
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self = .others(leases: ReportLimits.slots.clamp(try container.decode(Int.self, forKey: .leases)))
        case "prompt_seed": self = .promptSeed(try PromptSeedLine(from: decoder).seed(decoder))
        case "prompt": self = .prompt(try PromptLine(from: decoder).news(decoder))
        case "heartbeat": self = .heartbeat
        case "log": self = .log(try LogAnswer(from: decoder))
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
        case .slots(let report):
            try MessageType(type: "slots").encode(to: encoder)
            try report.encode(to: encoder)
        case .others(let leases):
            try MessageType(type: "others").encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(ReportLimits.slots.clamp(leases), forKey: .leases)
        case .promptSeed(let seed):
            try MessageType(type: "prompt_seed").encode(to: encoder)
            try PromptSeedLine(seed).encode(to: encoder)
        case .prompt(let news):
            try MessageType(type: "prompt").encode(to: encoder)
            try PromptLine(news).encode(to: encoder)
        case .heartbeat:
            try MessageType(type: "heartbeat").encode(to: encoder)
        case .log(let answer):
            try MessageType(type: "log").encode(to: encoder)
            try answer.encode(to: encoder)
        case .goodbye:
            try MessageType(type: "goodbye").encode(to: encoder)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case leases
    }
}
