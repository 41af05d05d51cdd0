import Testing

@testable import FleetMetrics

struct HistogramTests {
    @Test("a span falls into the first bucket whose bound it doesn't exceed")
    func buckets() {
        var histogram = Histogram(.latency)
        histogram.record(nanoseconds: 500_000)
        histogram.record(nanoseconds: 500_001)
        histogram.record(nanoseconds: 3_600_000_000_000)
        #expect(histogram.counts[0] == 1 && histogram.counts[1] == 1 && histogram.counts.last == 1)
        #expect(histogram.count == 3)
    }

    @Test("two event loops' counts add up")
    func sum() {
        var first = Histogram(.length)
        var second = Histogram(.length)
        first.record(nanoseconds: 1)
        second.record(nanoseconds: 2)
        first.add(second)
        #expect(first.count == 2 && first.sumNanoseconds == 3 && first.counts[0] == 2)
    }

    @Test("what came since an earlier reading is told apart")
    func since() {
        var histogram = Histogram(.latency)
        histogram.record(nanoseconds: 1_000_000)
        let earlier = histogram
        histogram.record(nanoseconds: 3_000_000)
        let recorded = histogram.since(earlier)
        #expect(recorded.count == 1 && recorded.sumNanoseconds == 3_000_000)
        #expect(recorded.mean == 0.003)
        #expect(earlier.since(earlier).mean == nil)
    }

    @Test("quantiles lie within the bucket that has them, and never beyond the last bound")
    func quantiles() {
        var histogram = Histogram(.latency)
        #expect(histogram.quantile(0.5) == nil)
        // 98 between 10 and 25 ms, two beyond a minute.
        for _ in 0..<98 { histogram.record(nanoseconds: 20_000_000) }
        for _ in 0..<2 { histogram.record(nanoseconds: 100_000_000_000) }
        #expect(histogram.quantile(0) == 0.01)
        #expect(histogram.quantile(0.49) == 0.0175)
        #expect(histogram.quantile(0.98) == 0.025)
        #expect(histogram.quantile(0.99) == 60)
        #expect(histogram.quantile(1) == 60)
    }
}
