public import LlamaServer

/// What a balancer says to an agent.
public enum BalancerMessage: Hashable, Sendable {
    /// The answer to `hello`.
    ///
    /// - Parameter asksBeforeUse: whether this balancer asks for a look when it sends something to a server whose agent
    ///   said that it rests (``SlotSample/isResting``). Without it, as with earlier versions, agents don't rest.
    case welcome(balancerVersion: String, asksBeforeUse: Bool = true)
    /// Look at the slots now and report.
    case poll
    /// The agent said that it is about to stop, and nothing that this balancer has sent is running any more.
    case drained
    /// How many of its slots requests of this balancer occupy: at once after `welcome`, and whenever that has changed. Said to
    /// agents alone that pass it on (``Hello/sharesLeases``).
    ///
    /// - Parameter count: 0...65,536; what is beyond that is cut.
    case leases(count: Int)
    /// What this balancer hashes prompts with: after `welcome`, and whenever that has changed. Said to agents alone that pass
    /// on what they are told of prompts (``Hello/sharesPrompts``).
    case promptSeed(PromptSeed)
    /// What one of its requests makes of the caches there. Said to agents alone that pass it on.
    case prompt(PromptNews)
    /// Something that the agent's operator should know, for the agent's log; everything goes on. Agents that don't know
    /// this message skip it.
    ///
    /// - Parameter text: one sentence of at most 1,024 UTF-8 bytes; what is longer is cut.
    case notice(text: String)
    /// Load the model, for requests wait for it. The agent does, or says why not (``OnDemand/refusal``). Said again for as long
    /// as neither is seen; agents that don't know this message skip it.
    ///
    /// - Parameter isOrder: an operator wants it: even if it has failed a moment ago.
    case load(isOrder: Bool = false)
    /// Unload the model, for another one needs its memory, or nobody waits for it any more: as ``load``. Nothing that runs is cut: the
    /// agent says that its server is leaving, and waits until it has drained.
    ///
    /// - Parameter isOrder: an operator wants it: even if it is pinned, or was loaded a moment ago.
    case unload(isOrder: Bool = false)
    /// Tell of the llama-server's log. Said to agents alone that say that they can (``Hello/tellsLog``).
    case log(LogQuestion)
    /// Nobody waits for the answer to the question of this number any more. Agents that don't know this message skip it.
    case endLog(number: Int)
    /// The balancer will have no more of this connection and ends it.
    ///
    /// - Parameter reason: for the agent's log.
    case refused(reason: String)
}

extension BalancerMessage: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try MessageType(from: decoder).type {
        case "welcome":
            self = .welcome(
                balancerVersion: try container.decodeIfPresent(String.self, forKey: .balancerVersion) ?? "",
                asksBeforeUse: try container.decodeIfPresent(Bool.self, forKey: .asksBeforeUse) ?? false
            )
        case "poll":
            self = .poll
        case "drained":
            self = .drained
        case "leases":
            self = .leases(count: ReportLimits.slots.clamp(try container.decode(Int.self, forKey: .count)))
        case "prompt_seed":
            self = .promptSeed(try PromptSeedLine(from: decoder).seed(decoder))
        case "prompt":
            self = .prompt(try PromptLine(from: decoder).news(decoder))
        case "notice":
            self = .notice(text: ReportLimits.shortened(try container.decode(String.self, forKey: .text)))
        case "load":
            self = .load(isOrder: try container.decodeIfPresent(Bool.self, forKey: .isOrder) ?? false)
        case "unload":
            self = .unload(isOrder: try container.decodeIfPresent(Bool.self, forKey: .isOrder) ?? false)
        case "log":
            self = .log(try LogQuestion(from: decoder))
        case "log_end":
            self = .endLog(number: try container.decode(Int.self, forKey: .number))
        case "refused":
            self = .refused(reason: try container.decodeIfPresent(String.self, forKey: .reason) ?? "no reason given")
        case let type:
            throw UnknownMessage(type: type)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .welcome(let version, let asksBeforeUse):
            try MessageType(type: "welcome").encode(to: encoder)
            try container.encode(version, forKey: .balancerVersion)
            try container.encode(asksBeforeUse, forKey: .asksBeforeUse)
        case .poll:
            try MessageType(type: "poll").encode(to: encoder)
        case .drained:
            try MessageType(type: "drained").encode(to: encoder)
        case .leases(let count):
            try MessageType(type: "leases").encode(to: encoder)
            try container.encode(ReportLimits.slots.clamp(count), forKey: .count)
        case .promptSeed(let seed):
            try MessageType(type: "prompt_seed").encode(to: encoder)
            try PromptSeedLine(seed).encode(to: encoder)
        case .prompt(let news):
            try MessageType(type: "prompt").encode(to: encoder)
            try PromptLine(news).encode(to: encoder)
        case .notice(let text):
            try MessageType(type: "notice").encode(to: encoder)
            try container.encode(ReportLimits.shortened(text), forKey: .text)
        case .load(let isOrder):
            try MessageType(type: "load").encode(to: encoder)
            if isOrder { try container.encode(true, forKey: .isOrder) }
        case .unload(let isOrder):
            try MessageType(type: "unload").encode(to: encoder)
            if isOrder { try container.encode(true, forKey: .isOrder) }
        case .log(let question):
            try MessageType(type: "log").encode(to: encoder)
            try question.encode(to: encoder)
        case .endLog(let number):
            try MessageType(type: "log_end").encode(to: encoder)
            try container.encode(number, forKey: .number)
        case .refused(let reason):
            try MessageType(type: "refused").encode(to: encoder)
            try container.encode(reason, forKey: .reason)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case asksBeforeUse = "asks_before_use"
        case count
        case balancerVersion = "balancer_version"
        case isOrder = "is_order"
        case number
        case reason
        case text
    }
}
