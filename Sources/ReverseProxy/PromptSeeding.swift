import LlamaServer
import Scheduling
import Synchronization

/// What is read in requests to find out where their prompts lie, and what they are hashed with. Any thread may ask.
final class PromptSeeding: Sendable {
    private let balance: Balance
    private let state: Mutex<PromptSeed>
    /// Beside ``state``: each request asks for it.
    private let value: Atomic<UInt64>

    init(_ balance: Balance) {
        self.balance = balance
        let seed = PromptSeed(value: .random(in: .min ... .max), madeAt: WallClock.milliseconds())
        state = Mutex(seed)
        value = Atomic(seed.value)
    }

    var reading: PromptReading { PromptReading(balance, seed: value.load(ordering: .relaxed)) }

    var seed: PromptSeed { state.withLock(\.self) }

    /// - Returns: whether this one is older, and so the one from now on.
    func adopt(_ seed: PromptSeed) -> Bool {
        state.withLock { state in
            guard seed < state else { return false }
            state = seed
            value.store(seed.value, ordering: .relaxed)
            return true
        }
    }
}
