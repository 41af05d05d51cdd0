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
