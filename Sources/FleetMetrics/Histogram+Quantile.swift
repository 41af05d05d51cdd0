extension Histogram {
    /// What was recorded since an earlier reading of the same histogram.
    func since(_ earlier: Histogram) -> Histogram {
        var difference = self
        difference.subtract(earlier)
        return difference
    }

    /// Seconds; nil when nothing was recorded.
    var mean: Double? {
        count > 0 ? Double(sumNanoseconds) / Double(count) / 1e9 : nil
    }

    /// The time that a share of what was recorded didn't exceed, estimated as Prometheus' `histogram_quantile` does:
    /// evenly spread within a bucket, and the last bound for what is beyond it.
    ///
    /// - Parameter share: 0...1.
    /// - Returns: seconds; nil when nothing was recorded.
    func quantile(_ share: Double) -> Double? {
        guard count > 0, let last = bounds.nanoseconds.last else { return nil }
        let rank = share * Double(count)
        var below = 0
        var lower: Int64 = 0
        for (bound, inside) in zip(bounds.nanoseconds, counts) {
            if inside > 0, Double(below + inside) >= rank {
                let part = max(0, rank - Double(below)) / Double(inside)
                return (Double(lower) + Double(bound - lower) * part) / 1e9
            }
            below += inside
            lower = bound
        }
        return Double(last) / 1e9
    }
}
