import AgentProtocol
import Testing

@Suite("Clock offset")
struct ClockOffsetTests {
    private static let second: Int64 = 1_000_000_000

    /// The balancer's clock reads 1000 s more than the agent's.
    private static func received(sentAt milliseconds: Double, delay: Int64 = 0, ahead: Int64 = 1000 * second) -> Int64 {
        Int64(milliseconds * 1_000_000) + ahead + delay
    }

    @Test("the quickest message tells the offset")
    func quickest() {
        var offset = ClockOffset(sentAt: 0, receivedAt: Self.received(sentAt: 0, delay: 30_000_000))
        offset.observe(sentAt: 1000, receivedAt: Self.received(sentAt: 1000, delay: 2_000_000))
        offset.observe(sentAt: 2000, receivedAt: Self.received(sentAt: 2000, delay: 400_000_000))
        #expect(offset.convert(1500) == Self.received(sentAt: 1500, delay: 2_000_000))
    }

    @Test("a clock that runs slower is followed within two minutes")
    func drift() {
        // One part in ten thousand: 360 ms in an hour.
        func received(_ milliseconds: Double) -> Int64 { Self.received(sentAt: milliseconds * 1.0001) }
        var offset = ClockOffset(sentAt: 0, receivedAt: received(0))
        for beat in 1...1800 {
            offset.observe(sentAt: Double(beat) * 2000, receivedAt: received(Double(beat) * 2000))
        }
        #expect(abs(offset.convert(3_600_000) - received(3_600_000)) <= 13_000_000)
    }

    @Test("a clock that stood still is followed after a few messages")
    func suspended() {
        var offset = ClockOffset(sentAt: 0, receivedAt: Self.received(sentAt: 0))
        let later = 1000 * Self.second + 3600 * Self.second
        for beat in 1...4 {
            let sentAt = Double(beat) * 2000
            offset.observe(sentAt: sentAt, receivedAt: Self.received(sentAt: sentAt, ahead: later))
        }
        #expect(offset.convert(9000) == Self.received(sentAt: 9000, ahead: later))
    }

    @Test("a balancer's clock that stood still is followed at once")
    func balancerSuspended() {
        var offset = ClockOffset(sentAt: 0, receivedAt: Self.received(sentAt: 0))
        offset.observe(sentAt: 2000, receivedAt: Self.received(sentAt: 2000, ahead: 400 * Self.second))
        #expect(offset.convert(2000) == Self.received(sentAt: 2000, ahead: 400 * Self.second))
    }

    @Test("messages that were held up together don't make a later offset")
    func burst() {
        var offset = ClockOffset(sentAt: 0, receivedAt: Self.received(sentAt: 0))
        let together = Self.received(sentAt: 20_000)
        for beat in 1...10 { offset.observe(sentAt: Double(beat) * 2000, receivedAt: together) }
        #expect(offset.convert(20_000) == Self.received(sentAt: 20_000))
    }

    @Test("absurd times don't trap", arguments: [-1, 1e300, -.infinity, .nan])
    func absurd(milliseconds: Double) {
        var offset = ClockOffset(sentAt: milliseconds, receivedAt: .max / 4)
        offset.observe(sentAt: milliseconds, receivedAt: 0)
        #expect(offset.convert(milliseconds) <= .max / 4)
    }
}
