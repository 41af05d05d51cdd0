import SeededRandom
import Testing

@testable import Agent
@testable import AgentRules

@Suite("Backoff")
struct BackoffTests {
    @Test("delays grow by half from 100 ms to 5 s, and half of each is left to chance")
    func growth() {
        var backoff = Backoff()
        var generator = SplitMix64(seed: 1)
        var expected = Duration.milliseconds(100)
        for _ in 0..<20 {
            let delay = backoff.next(using: &generator)
            #expect(delay <= expected)
            #expect(delay >= expected * 0.5)
            expected = min(expected * 1.5, .seconds(5))
        }
        #expect(expected == .seconds(5))
    }

    @Test("after a success the delays begin anew")
    func reset() {
        var backoff = Backoff()
        var generator = SplitMix64(seed: 2)
        backoff.saturate()
        #expect(backoff.next(using: &generator) >= .milliseconds(2500))
        backoff.reset()
        #expect(backoff.next(using: &generator) <= .milliseconds(100))
    }
}
