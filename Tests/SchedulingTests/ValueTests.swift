import Testing

@testable import Scheduling

@Suite("Values")
struct ValueTests {
    @Test("instants and durations add up, also beyond the end of time")
    func instants() {
        let instant = Instant(nanoseconds: 1_500_000_000)
        #expect(instant + .milliseconds(500) == Instant(nanoseconds: 2_000_000_000))
        #expect(instant - .seconds(1) == Instant(nanoseconds: 500_000_000))
        #expect(instant - Instant(nanoseconds: 500_000_000) == .seconds(1))
        #expect(instant + .seconds(Int64.max) == Instant(nanoseconds: .max))
        #expect(instant - .seconds(Int64.max) == Instant(nanoseconds: .min + 1_500_000_001))
        #expect(Instant(nanoseconds: .min) - .seconds(1) == Instant(nanoseconds: .min))
        #expect(Instant(nanoseconds: .max) - Instant(nanoseconds: .min) == .nanoseconds(Int64.max))
    }

    @Test("configurations out of range are moved into it")
    func limits() {
        var configuration = Scheduler.Configuration()
        configuration.maximumQueued = -1
        configuration.queueTimeout = .seconds(-1)
        configuration.maximumAttempts = 0
        configuration.coolingPollInterval = .zero
        configuration.maximumUpstreams = .max
        let limits = SchedulerLimits(configuration)
        #expect(limits.maximumQueued == 0)
        #expect(limits.queueTimeout == .zero)
        #expect(limits.maximumAttempts == 1)
        #expect(limits.coolingPollInterval.duration == .milliseconds(1250))
        #expect(limits.maximumUpstreams == 1_000_000)
    }

    @Test("decisions come out in the order in which they went in", arguments: 0..<4)
    func decisions(_ count: Int) {
        var decisions = Decisions()
        let expected = (0..<count).map { Decision.poll(AgentID(rawValue: "\($0)")) }
        expected.forEach { decisions.append($0) }
        #expect(Array(decisions) == expected)
        #expect(decisions.count == count)
        #expect(decisions.isEmpty == (count == 0))
    }

    @Test("a heap gives its items back in order and finds each of them", arguments: 1...20)
    func heap(_ seed: Int) {
        var heap = IndexedHeap<Int>()
        var expected: [Int: Int] = [:]
        var state = seed
        for _ in 0..<300 {
            state = (state &* 1_103_515_245 &+ 12345) & 0x7FFF_FFFF
            let item = (state >> 8) % 40
            if state % 3 == 0 {
                heap.remove(item)
                expected[item] = nil
            } else {
                heap.set(item, to: (state >> 4) % 1000)
                expected[item] = (state >> 4) % 1000
            }
            #expect(heap.first?.key == expected.values.min())
            #expect(heap.second?.key == expected.values.sorted().dropFirst().first)
            #expect(heap.count == expected.count)
            #expect(heap.violations(name: "heap").isEmpty)
        }
    }
    @Test("a ring gives those who wait back in order, whoever leaves from between them", arguments: 1...20)
    func ring(_ seed: Int) {
        var ring = ArrivalRing()
        var positions = [Int32](repeating: -1, count: 400)
        var expected: [Int] = []
        var state = seed
        for request in 0..<400 {
            let instant = Instant(nanoseconds: Int64(request / 3))
            #expect(ring.canAppend(arrival: UInt64(request), deadline: instant))
            ring.append(request, arrival: UInt64(request), deadline: instant, hasTrail: false, &positions)
            expected.append(request)
            // At times more come than go.
            for _ in 0..<(request / 50 % 2 == 0 ? 0 : 2) where !expected.isEmpty {
                state = (state &* 1_103_515_245 &+ 12345) & 0x7FFF_FFFF
                let left = expected.remove(at: state % 3 == 0 ? 0 : (state >> 8) % expected.count)
                ring.remove(left, &positions)
            }
            #expect(ring.first.map { Int($0.request) } == expected.first)
            #expect(ring.requests.map(Int.init) == expected)
            #expect(ring.violations(positions).isEmpty)
        }
    }

    @Test("who is earlier, or has less time left, than the last of a ring can't come after it")
    func ringOrder() {
        var ring = ArrivalRing()
        var positions: [Int32] = [-1]
        ring.append(0, arrival: 5, deadline: Instant(nanoseconds: 7), hasTrail: false, &positions)
        #expect(!ring.canAppend(arrival: 4, deadline: Instant(nanoseconds: 8)))
        #expect(!ring.canAppend(arrival: 6, deadline: Instant(nanoseconds: 6)))
        #expect(ring.canAppend(arrival: 6, deadline: Instant(nanoseconds: 7)))
        ring.remove(0, &positions)
        #expect(ring.first == nil)
        #expect(ring.canAppend(arrival: 4, deadline: Instant(nanoseconds: 6)))
    }
}
