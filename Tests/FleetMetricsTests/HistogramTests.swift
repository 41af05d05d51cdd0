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
}
