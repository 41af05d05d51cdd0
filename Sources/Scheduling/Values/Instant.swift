/// A moment on the shell's monotonic clock.
///
/// Arithmetic saturates: a nonsensical interval in a report moves a moment to the end of time, it doesn't trap.
public struct Instant: Hashable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    public static func + (instant: Instant, duration: Duration) -> Instant {
        instant.advanced(by: Nanoseconds(duration))
    }

    public static func - (instant: Instant, duration: Duration) -> Instant {
        let (difference, overflow) = instant.nanoseconds.subtractingReportingOverflow(Nanoseconds(duration).count)
        guard overflow else { return Instant(nanoseconds: difference) }
        return Instant(nanoseconds: duration < .zero ? .max : .min)
    }

    public static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(later.since(earlier).count)
    }

    func advanced(by interval: Nanoseconds) -> Instant {
        Instant(nanoseconds: (Nanoseconds(count: nanoseconds) + interval).count)
    }

    func since(_ earlier: Instant) -> Nanoseconds {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        guard overflow else { return Nanoseconds(count: difference) }
        return Nanoseconds(count: nanoseconds < earlier.nanoseconds ? .min : .max)
    }
}

extension Instant: Comparable {
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}

/// An interval in one machine word, for what is computed per request: `Duration` has 128 bits and divides to convert.
struct Nanoseconds: Hashable, Sendable {
    var count: Int64

    static let zero = Nanoseconds(count: 0)

    init(count: Int64) {
        self.count = count
    }

    /// Saturates at 292 years.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self =
            overflow
            ? Nanoseconds(count: seconds < 0 ? .min : .max)
            : Nanoseconds(count: whole) + Nanoseconds(count: attoseconds / 1_000_000_000)
    }

    var duration: Duration { .nanoseconds(count) }

    static func + (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        let (sum, overflow) = left.count.addingReportingOverflow(right.count)
        return Nanoseconds(count: overflow ? (right.count < 0 ? .min : .max) : sum)
    }

    static func - (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        let (difference, overflow) = left.count.subtractingReportingOverflow(right.count)
        return Nanoseconds(count: overflow ? (right.count < 0 ? .max : .min) : difference)
    }

    static func / (interval: Nanoseconds, divisor: Int64) -> Nanoseconds {
        Nanoseconds(count: interval.count / divisor)
    }

    static func * (interval: Nanoseconds, factor: Int64) -> Nanoseconds {
        let (product, overflow) = interval.count.multipliedReportingOverflow(by: factor)
        return Nanoseconds(count: overflow ? (interval.count < 0) == (factor < 0) ? .max : .min : product)
    }
}

extension Nanoseconds: Comparable {
    static func < (left: Nanoseconds, right: Nanoseconds) -> Bool {
        left.count < right.count
    }
}
