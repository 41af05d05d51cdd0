import LlamaServer
import Scheduling
import Synchronization

/// What is read in requests to find out where their prompts lie, and what they are hashed with. Any thread may ask.
final class PromptSeeding: Sendable {
    /// With each, all that is known of prompts is forgotten. Seeds that balancers make with each start, by whatever clocks, are the
    /// oldest so far ever more rarely: beyond this many somebody wants it forgotten again and again.
    static let mostAdopted = 64

    private struct State {
        var seed: PromptSeed
        var adopted = 0
    }

    private let balance: Balance
    private let state: Mutex<State>
    /// Beside ``state``: each request asks for it.
    private let value: Atomic<UInt64>

    init(_ balance: Balance) {
        self.balance = balance
        let seed = PromptSeed(value: .random(in: .min ... .max), madeAt: WallClock.milliseconds())
        state = Mutex(State(seed: seed))
        value = Atomic(seed.value)
    }

    var reading: PromptReading { PromptReading(balance, seed: value.load(ordering: .relaxed)) }

    /// nil: nothing is made of prompts.
    var seed: PromptSeed? { balance.followsPrompts ? state.withLock(\.seed) : nil }

    /// - Returns: whether this one is older, and so the one from now on.
    func adopt(_ seed: PromptSeed) -> Bool {
        state.withLock { state in
            guard balance.followsPrompts, state.adopted < Self.mostAdopted, seed < state.seed else { return false }
            state.seed = seed
            state.adopted += 1
            value.store(seed.value, ordering: .relaxed)
            return true
        }
    }
}
