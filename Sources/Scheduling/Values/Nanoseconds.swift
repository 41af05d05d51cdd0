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
