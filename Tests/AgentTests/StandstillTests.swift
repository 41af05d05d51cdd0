import AgentProtocol
import Testing

@testable import Agent
@testable import AgentRules

@Suite("A llama-server in which nothing moves")
struct StandstillTests {
    private static let still = WatchDriver.slots(.init(task: 1, prompt: 512), .init(task: 2, prompt: 9, made: 7))

    private var driver = WatchDriver.ready()

    private var condition: Condition? { driver.watch.status?.condition }

    /// Lets the agent look again and again until so much time has passed; the last look isn't later.
    private mutating func pass(_ time: Duration, slots: Probe.Answer) {
        let end = driver.now + time
        while driver.timeOfNextRound() <= end {
            #expect(driver.runToRound() == .props)
            driver.answer(.props, WatchDriver.props)
            driver.answerRound(slots: slots)
        }
        driver.now = max(driver.now, end)
    }

    @Test("healthy, and its busy slots stand still: stuck after ten minutes, not before, and said since when")
    mutating func stuck() {
        pass(.seconds(600), slots: Self.still)
        #expect(condition == .ready)
        pass(.seconds(11), slots: Self.still)
        #expect(condition == .stuck("no progress in its 2 busy slots since 2026-01-01T00:00:05Z"))
        #expect(driver.watch.status?.sample?.processing == 2)
        // It stays one condition, since its change is news.
        pass(.seconds(3600), slots: Self.still)
        #expect(condition == .stuck("no progress in its 2 busy slots since 2026-01-01T00:00:05Z"))
    }

    @Test(
        "whatever moves, it is ready again",
        arguments: [
            WatchDriver.slots(.init(task: 1, prompt: 513), .init(task: 2, prompt: 9, made: 7)),
            WatchDriver.slots(.init(task: 1, prompt: 512), .init(task: 2, prompt: 9, made: 8)),
            WatchDriver.slots(.init(task: 3, prompt: 512), .init(task: 2, prompt: 9, made: 7)),
            WatchDriver.slots(.init(task: 1, prompt: 512)),
            WatchDriver.slots(.init(task: 1, prompt: 512), .init(task: 2, prompt: 9, made: 7), .init(task: 3)),
            WatchDriver.slots(processing: 0),
            // Of another build, which says nothing: nothing is known of it.
            WatchDriver.slots(processing: 2),
        ]
    )
    mutating func recovered(moved: Probe.Answer) {
        pass(.seconds(622), slots: Self.still)
        #expect(condition != .ready)
        pass(.seconds(5), slots: moved)
        #expect(condition == .ready)
        // And it has all the time again.
        pass(.seconds(595), slots: moved)
        #expect(condition == .ready)
    }

    @Test("each look says whether something has moved since the one before")
    mutating func moves() {
        pass(.seconds(11), slots: Self.still)
        #expect(driver.watch.status?.sample?.hasMoved == false)
        pass(.seconds(5), slots: WatchDriver.slots(.init(task: 1, prompt: 513), .init(task: 2, prompt: 9, made: 7)))
        #expect(driver.watch.status?.sample?.hasMoved == true)
        pass(.seconds(5), slots: WatchDriver.slots(processing: 2))
        #expect(driver.watch.status?.sample?.hasMoved == nil)
        pass(.seconds(5), slots: WatchDriver.slots(processing: 0))
        #expect(driver.watch.status?.sample?.hasMoved == nil)
    }

    @Test("a long prompt that moves once in a time just below the limit is no standstill")
    mutating func slowPrompt() {
        for batch in 1...5 {
            pass(.seconds(599), slots: WatchDriver.slots(.init(task: 1, prompt: batch * 2048)))
            #expect(condition == .ready)
        }
    }

    @Test("a slot that stands still beside one that moves waits, and the server isn't stuck")
    mutating func starved() {
        for made in 1...30 {
            pass(.seconds(60), slots: WatchDriver.slots(.init(task: 1, prompt: 128), .init(task: 2, made: made)))
            #expect(condition == .ready)
        }
    }

    @Test("slots that don't say how far they are never stand still", arguments: [1, 4])
    mutating func unknown(processing: Int) {
        pass(.seconds(7200), slots: WatchDriver.slots(processing: processing))
        #expect(condition == .ready)
    }

    @Test("slots that nobody uses never stand still")
    mutating func idle() {
        pass(.seconds(7200), slots: WatchDriver.slots(processing: 0))
        #expect(condition == .ready)
    }

    @Test("/slots that is never answered is busy at first, stuck in the end, and ready with its first answer")
    mutating func neverAnswered() {
        pass(.seconds(590), slots: .timedOut)
        #expect(condition == .ready)
        pass(.seconds(40), slots: .timedOut)
        #expect(condition == .stuck("no answer to GET /slots since 2026-01-01T00:00:05Z"))
        pass(.seconds(20), slots: WatchDriver.slots)
        #expect(condition == .ready)
    }

    @Test("/slots that was never answered at all is stuck in the end, even if nothing said how many there are")
    mutating func neverSeen() {
        driver = WatchDriver()
        _ = driver.start()
        driver.answer(.health, WatchDriver.health)
        let end = Duration.seconds(700)
        while driver.now < end, driver.runToRound() == .props {
            driver.answer(.props, .timedOut)
            driver.answerRound(slots: .timedOut)
        }
        #expect(condition == .stuck("no answer to GET /slots since 2026-01-01T00:00:00Z"))
    }

    @Test("looks that aren't answered don't end a standstill, and don't begin another one")
    mutating func sometimesAnswered() {
        for _ in 0..<8 {
            pass(.seconds(60), slots: Self.still)
            pass(.seconds(20), slots: .timedOut)
        }
        #expect(condition == .stuck("no progress in its 2 busy slots since 2026-01-01T00:00:05Z"))
    }

    @Test("a server that was away has all the time again")
    mutating func restarted() {
        pass(.seconds(622), slots: Self.still)
        let health = driver.start(after: .seconds(1))
        #expect(health == [.health])
        driver.answer(.health, .failed("connection refused"))
        #expect(condition == .down("connection refused"))
        pass(.seconds(590), slots: Self.still)
        #expect(condition == .ready)
        pass(.seconds(20), slots: Self.still)
        #expect(condition != .ready)
    }

    @Test("a health that was late for a moment doesn't make a stuck server ready")
    mutating func slowHealth() {
        pass(.seconds(622), slots: Self.still)
        let stuck = condition
        let health = driver.start(after: .seconds(1))
        #expect(health == [.health])
        driver.answer(.health, .timedOut, after: .seconds(1))
        #expect(condition == .unresponsive)
        #expect(driver.start() == [.health])
        driver.answer(.health, WatchDriver.health)
        #expect(condition == stuck)
    }

    @Test("time in which nobody has looked doesn't count: the machine slept")
    mutating func slept() {
        pass(.seconds(60), slots: Self.still)
        driver.now += .seconds(8 * 3600)
        pass(.seconds(60), slots: Self.still)
        #expect(condition == .ready)
        pass(.seconds(480), slots: Self.still)
        #expect(condition != .ready)
    }

    @Test("the machine slept while a look waited for its answer")
    mutating func sleptAsking() {
        #expect(driver.runToRound() == .props)
        driver.answer(.props, WatchDriver.props)
        #expect(driver.start() == [.slots])
        driver.answer(.slots, .timedOut, after: .seconds(8 * 3600))
        pass(.seconds(60), slots: .timedOut)
        #expect(condition == .ready)
    }

    @Test("a sleeping server is idle, not stuck")
    mutating func asleep() {
        pass(.seconds(590), slots: Self.still)
        #expect(driver.runToRound() == .props)
        driver.answer(.props, WatchDriver.sleepingProps)
        pass(.seconds(590), slots: Self.still)
        #expect(condition == .ready)
    }

    @Test("three looks are needed, however short the limit is", arguments: [Duration.milliseconds(1), .seconds(5)])
    mutating func shortLimit(limit: Duration) {
        driver = WatchDriver.ready(stuck: limit)
        pass(.seconds(10), slots: Self.still)
        #expect(condition == .ready)
        pass(.seconds(5), slots: Self.still)
        #expect(condition != .ready)
    }

    @Test("without a limit nothing is ever stuck", arguments: [WatchDriver.slots(.init(task: 1)), .timedOut])
    mutating func never(answer: Probe.Answer) {
        driver = WatchDriver.ready(stuck: nil)
        pass(.seconds(36_000), slots: answer)
        #expect(condition == .ready)
    }

    @Test("a stuck server is looked at no more often than any other")
    mutating func pace() {
        pass(.seconds(620), slots: Self.still)
        let next = driver.timeOfNextRound()
        #expect(next > driver.now)
        #expect(driver.watch.status?.sample.map { next - $0.finishedAt } ?? .zero > .seconds(4))
    }
}
