public import LlamaServer

/// What is read in requests to find out where their prompts lie.
public enum PromptReading: Sendable {
    case nothing
    /// - seed: of the hashes by which prompts are told apart, unknown to clients.
    case prompts(seed: UInt64)
    /// The session that a request names; the prompt of one that names none.
    case sessions(seed: UInt64)

    /// - Parameter seed: what prompts are hashed with.
    public init(_ balance: Balance, seed: UInt64) {
        switch balance {
        case .cacheAware: self = .prompts(seed: seed)
        case .session: self = .sessions(seed: seed)
        case .leastBusy, .mostIdle: self = .nothing
        }
    }

    /// What a head calls the request's session, where that matters.
    ///
    /// - Parameter name: as the head gives it.
    public func session(_ name: borrowing Span<UInt8>) -> SessionKey? {
        guard case .sessions(let seed) = self else { return nil }
        return SessionKey(name, seed: seed)
    }
}
