import LlamaServer
import Scheduling
import Testing

@testable import FleetMetrics

@Suite("The last quarter of an hour")
struct FleetHistoryTests {
    private static let address = NetworkAddress(host: "10.0.0.1", port: 8088)

    /// A fleet of one upstream, after so many answers with ten tokens each, each of whose first token took so long.
    private static func reading(answers: Int, firstToken: Duration = .milliseconds(40)) -> FleetReading {
        var upstream = UpstreamMetrics()
        upstream.answersByClass[2] = answers
        upstream.tokens = TokenCounts(promptComputed: answers * 25, promptCached: answers * 75, generated: answers * 10)
        for _ in 0..<answers {
            upstream.timeToFirstToken.record(nanoseconds: Int64(firstToken / .nanoseconds(1)))
        }
        var proxy = ProxyMetrics()
        proxy.upstreams[address] = upstream
        return FleetReading(fleet: SampleFleet.snapshot, proxy: proxy)
    }

    private static func history(_ answers: [Int]) -> FleetHistory {
        var history = FleetHistory()
        for (second, answers) in answers.enumerated() { history.record(reading(answers: answers), second: second) }
        return history
    }

    @Test("a sample tells what has come within its second, and the first one nothing of before")
    func growth() {
        let samples = Self.history([1000, 1001, 1001, 1004]).samples
        #expect(samples.map(\.number) == [0, 1, 2, 3])
        #expect(samples.map(\.tokens.generated) == [0, 10, 0, 30])
        #expect(samples.map(\.tokens.promptCached) == [0, 75, 0, 225])
        #expect(samples.last?.slotsTotal == SampleFleet.snapshot.summary.slotsTotal)
        #expect(samples.last?.queued == SampleFleet.snapshot.queued)
    }

    @Test("a quarter of an hour is kept, and no more")
    func bounded() {
        let samples = Self.history(Array(repeating: 1, count: FleetHistory.capacity + 7)).samples
        #expect(samples.count == FleetHistory.capacity)
        #expect(samples.first?.number == 7)
    }

    @Test("seconds that were missed have samples, in which nothing happened", arguments: [3, 5000])
    func gap(length: Int) {
        var history = Self.history([1])
        history.record(Self.reading(answers: 2), second: length)
        let numbers = history.samples.map(\.number)
        #expect(numbers.last == length)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 })
        #expect(history.samples.dropLast().allSatisfy { $0.tokens.generated == 0 })
        #expect(history.samples.last?.tokens.generated == 10)
        #expect(history.samples.count == min(length + 1, FleetHistory.capacity))
    }

    @Test("a second that was already recorded isn't recorded again")
    func twice() {
        var history = Self.history([1, 2])
        history.record(Self.reading(answers: 9), second: 1)
        #expect(history.samples.map(\.tokens.generated) == [0, 10])
    }

    @Test("times to the first token are those of the last ten seconds")
    func window() throws {
        var history = Self.history([0, 4])
        let median = try #require(history.samples.last?.timeToFirstToken?.median)
        #expect(0.025...0.05 ~= median)
        for second in 2...10 { history.record(Self.reading(answers: 4), second: second) }
        #expect(history.samples.last?.timeToFirstToken != nil)
        history.record(Self.reading(answers: 4), second: 11)
        #expect(history.samples.last?.timeToFirstToken == nil)
    }

    @Test("an upstream's speed is that of its last ten seconds, its cache's share that of all time")
    func activity() throws {
        var history = Self.history([1000, 1006])
        let busy = try #require(history.activity(of: Self.address))
        #expect(busy.tokensPerSecond == 6)
        #expect(busy.answered == 1006)
        #expect(busy.cacheHitRatio == 0.75)
        history.record(Self.reading(answers: 1006), second: 10)
        #expect(history.activity(of: Self.address)?.tokensPerSecond == 6)
        history.record(Self.reading(answers: 1006), second: 11)
        #expect(history.activity(of: Self.address)?.tokensPerSecond == 0)
        #expect(history.activity(of: NetworkAddress(host: "10.9.9.9", port: 1)) == nil)
    }

    @Test("who has had no prompt has no share of cached ones")
    func noPrompts() {
        #expect(Self.history([0]).activity(of: Self.address)?.cacheHitRatio == nil)
    }
}
