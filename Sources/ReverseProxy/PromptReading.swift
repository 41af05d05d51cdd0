import Scheduling

/// What is read in requests to find out where their prompts lie.
enum PromptReading {
    case nothing
    /// - seed: of the hashes by which prompts are told apart, unknown to clients.
    case prompts(seed: UInt64)
    /// The session that a request names; the prompt of one that names none.
    case sessions(seed: UInt64)

    init(_ balance: Balance) {
        switch balance {
        case .cacheAware: self = .prompts(seed: .random(in: .min ... .max))
        case .session: self = .sessions(seed: .random(in: .min ... .max))
        case .leastBusy, .mostIdle: self = .nothing
        }
    }
}
