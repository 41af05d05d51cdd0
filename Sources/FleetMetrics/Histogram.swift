// Hot: `record` runs a few times for each request, never for a chunk.

/// How often a span of time fell between which bounds, as Prometheus counts.
public struct Histogram: Equatable, Sendable {
    /// Upper bounds, ascending. What is longer than the last falls into a bucket of its own.
    public enum Bounds: Sendable {
        /// From half a millisecond to a minute: waiting, connecting, first bytes.
        case latency
        /// From 10 ms to an hour: whole answers.
        case length

        public var nanoseconds: [Int64] {
            switch self {
            case .latency: Self.latencyBounds
            case .length: Self.lengthBounds
            }
        }

        private static let latencyBounds: [Int64] = milliseconds([
            0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000,
        ])
        private static let lengthBounds: [Int64] = milliseconds([
            10, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 3_600_000,
        ])

        private static func milliseconds(_ values: [Double]) -> [Int64] {
            values.map { Int64($0 * 1_000_000) }
        }
    }

    public let bounds: Bounds
    /// One more than there are bounds; not cumulative.
    public private(set) var counts: [Int]
    public private(set) var count = 0
    public private(set) var sumNanoseconds: Int64 = 0

    public init(_ bounds: Bounds) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.nanoseconds.count + 1)
    }

    public mutating func record(nanoseconds: Int64) {
        var index = 0
        let limits = bounds.nanoseconds
        while index < limits.count, nanoseconds > limits[index] { index += 1 }
        counts[index] += 1
        count += 1
        sumNanoseconds &+= max(0, nanoseconds)
    }

    /// - Parameter other: with the same bounds.
    public mutating func add(_ other: Histogram) {
        for index in counts.indices where index < other.counts.count { counts[index] += other.counts[index] }
        count += other.count
        sumNanoseconds &+= other.sumNanoseconds
    }

    /// Leaves what was recorded since an earlier reading of the same histogram.
    mutating func subtract(_ earlier: Histogram) {
        for index in counts.indices where index < earlier.counts.count {
            counts[index] = max(0, counts[index] - earlier.counts[index])
        }
        count = counts.reduce(0, +)
        sumNanoseconds = max(0, sumNanoseconds &- earlier.sumNanoseconds)
    }
}
