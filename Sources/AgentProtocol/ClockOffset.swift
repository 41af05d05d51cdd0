/// How far a balancer's clock is ahead of an agent's, both monotonic with zeros of their own.
///
/// A message is received later than it was sent by an unknown delay, so the least difference seen is the nearest to the
/// truth. It ages in two ways. The least difference is remembered for one to two windows of a minute, so that clocks
/// that run at different speeds are followed. And when for five seconds every message, three or more, comes a second or
/// more later than the least difference says, then the agent's clock has stood still (its machine was suspended), and
/// the least of those takes over. A burst of messages that were held up together is no such case: it takes no time.
public struct ClockOffset: Sendable {
    private var current: Window
    private var previous: Window?
    private var lateness: Lateness?

    private static let window: Int64 = 60_000_000_000
    private static let late: Int64 = 1_000_000_000
    private static let proofOfLateness: (messages: Int, nanoseconds: Int64) = (3, 5_000_000_000)

    /// - Parameters:
    ///   - milliseconds: when the first message was sent, on the agent's clock.
    ///   - nanoseconds: when it was received, on the balancer's.
    public init(sentAt milliseconds: Double, receivedAt nanoseconds: Int64) {
        current = Window(
            beganAt: nanoseconds,
            least: Self.difference(sentAt: milliseconds, receivedAt: nanoseconds)
        )
    }

    /// Learns from one more message.
    public mutating func observe(sentAt milliseconds: Double, receivedAt nanoseconds: Int64) {
        let difference = Self.difference(sentAt: milliseconds, receivedAt: nanoseconds)
        guard difference > least + Self.late else {
            lateness = nil
            return add(difference, at: nanoseconds)
        }
        var lateness = lateness ?? Lateness(since: nanoseconds, messages: 0, least: difference)
        lateness.messages += 1
        lateness.least = min(lateness.least, difference)
        guard lateness.messages >= Self.proofOfLateness.messages,
            nanoseconds - lateness.since >= Self.proofOfLateness.nanoseconds
        else {
            self.lateness = lateness
            return add(difference, at: nanoseconds)
        }
        self = ClockOffset(window: Window(beganAt: nanoseconds, least: lateness.least))
    }

    /// - Parameter milliseconds: an instant on the agent's clock.
    /// - Returns: nanoseconds on the balancer's.
    public func convert(_ milliseconds: Double) -> Int64 {
        Self.nanoseconds(milliseconds) + least
    }

    private init(window: Window) {
        current = window
    }

    private var least: Int64 {
        min(current.least, previous?.least ?? .max)
    }

    private mutating func add(_ difference: Int64, at now: Int64) {
        guard now - current.beganAt < Self.window else {
            previous = current
            current = Window(beganAt: now, least: difference)
            return
        }
        current.least = min(current.least, difference)
    }

    private static func difference(sentAt milliseconds: Double, receivedAt nanoseconds: Int64) -> Int64 {
        nanoseconds - Self.nanoseconds(milliseconds)
    }

    /// Within ±10^18, so that neither sum nor difference with a monotonic clock's reading can overflow.
    private static func nanoseconds(_ milliseconds: Double) -> Int64 {
        guard ReportLimits.milliseconds ~= milliseconds else { return 0 }
        return Int64(milliseconds * 1_000_000)
    }

    private struct Window {
        var beganAt: Int64
        var least: Int64
    }

    private struct Lateness {
        var since: Int64
        var messages: Int
        var least: Int64
    }
}
