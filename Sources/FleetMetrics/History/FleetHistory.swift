public import LlamaServer
public import Scheduling

/// The last quarter of an hour, second by second, made of a reading every second: a value.
///
/// It takes at most about 100 kB, and beyond that 1 kB for each upstream that has generated something within the last ten seconds.
public struct FleetHistory: Sendable {
    /// Samples kept: 15 minutes.
    public static let capacity = 900
    /// Seconds over which times to the first token are taken together: one second has few of them.
    public static let timeToFirstTokenWindow = 10
    /// Seconds over which the speed of an upstream is averaged: counts of single seconds jump about, the more so where
    /// answers aren't streamed, whose tokens are counted at their end.
    public static let activityWindow = 10

    /// The oldest first; at most ``capacity``.
    public private(set) var samples: [HistorySample] = []
    /// When the newest sample was taken, on the fleet's clock.
    public private(set) var taken: Instant?
    private var last: Totals?
    /// The histograms of the last seconds, cumulative, the oldest first.
    private var timesToFirstToken: [Histogram] = []
    private var upstreams: [NetworkAddress: RecentTokens] = [:]
    private static let nothing = UpstreamMetrics()

    public init() {}

    /// Takes the reading at a second's end.
    ///
    /// - Parameter second: seconds since the history began; one that isn't larger than the last is left out. Seconds
    ///   that were missed get samples in which nothing happened.
    public mutating func record(_ reading: FleetReading, second: Int) {
        if let newest = samples.last {
            guard second > newest.number else { return }
            fillGap(from: newest, to: second)
        }
        taken = reading.fleet.taken
        let totals = Totals(reading)
        append(sample(reading, totals, second: second))
        recordUpstreams(reading, second: second)
        last = totals
    }

    /// What an upstream has done; nil if no reading has shown it.
    public func activity(of address: NetworkAddress) -> UpstreamActivity? {
        upstreams[address]?.activity
    }

    private mutating func fillGap(from newest: HistorySample, to second: Int) {
        let first = max(newest.number + 1, second - Self.capacity)
        for number in first..<max(first, second) {
            var sample = HistorySample(number: number)
            sample.slotsTotal = newest.slotsTotal
            sample.slotsBusy = newest.slotsBusy
            sample.queued = newest.queued
            append(sample)
        }
    }

    private mutating func append(_ sample: HistorySample) {
        if samples.count == Self.capacity { samples.removeFirst() }
        samples.append(sample)
    }

    private mutating func sample(_ reading: FleetReading, _ totals: Totals, second: Int) -> HistorySample {
        var sample = HistorySample(number: second)
        sample.slotsTotal = reading.fleet.summary.slotsTotal
        sample.slotsBusy = reading.fleet.summary.slotsProcessing
        sample.queued = reading.fleet.queued
        // The first reading has nothing to be compared with, and may tell of a long time.
        let before = last ?? totals
        sample.answered = totals.answered - before.answered
        sample.rejected = totals.rejected - before.rejected
        sample.tokens = totals.tokens.since(before.tokens)
        timesToFirstToken.append(totals.timeToFirstToken)
        if timesToFirstToken.count > Self.timeToFirstTokenWindow + 1 { timesToFirstToken.removeFirst() }
        sample.timeToFirstToken = timesToFirstToken.first.flatMap {
            HistorySample.Latency(totals.timeToFirstToken.since($0))
        }
        return sample
    }

    private mutating func recordUpstreams(_ reading: FleetReading, second: Int) {
        var known: [NetworkAddress: RecentTokens] = [:]
        known.reserveCapacity(reading.fleet.upstreams.count)
        for upstream in reading.fleet.upstreams {
            let metrics = reading.proxy.upstreams[upstream.address] ?? Self.nothing
            var recent = upstreams[upstream.address] ?? RecentTokens(before: last == nil ? metrics.tokens.generated : 0)
            recent.record(metrics, second: second)
            known[upstream.address] = recent
        }
        upstreams = known
    }
}

/// The counters that a sample shows the growth of.
private struct Totals {
    let answered: Int
    let rejected: Int
    let tokens: TokenCounts
    let timeToFirstToken: Histogram

    init(_ reading: FleetReading) {
        let counters = reading.fleet.counters
        let metrics = reading.proxy.fleet
        answered = counters.answered
        rejected =
            counters.rejectedQueueFull + counters.rejectedWaitedTooLong + counters.rejectedAttemptsExhausted
            + counters.rejectedShuttingDown + counters.failed
        tokens = metrics.tokens
        timeToFirstToken = metrics.timeToFirstToken
    }
}

/// An upstream's tokens of the last seconds.
private struct RecentTokens {
    private(set) var activity = UpstreamActivity()
    /// Only seconds in which there were some, the oldest first; at most ``FleetHistory/activityWindow``.
    private var seconds: [(second: Int, tokens: Int)] = []
    private var sum = 0

    /// - Parameter before: tokens that it had generated before anybody looked.
    init(before: Int) {
        activity.tokens.generated = before
    }

    mutating func record(_ metrics: UpstreamMetrics, second: Int) {
        let tokens = metrics.tokens.generated - activity.tokens.generated
        if tokens > 0 {
            seconds.append((second, tokens))
            sum += tokens
        }
        while let oldest = seconds.first, oldest.second <= second - FleetHistory.activityWindow {
            sum -= oldest.tokens
            seconds.removeFirst()
        }
        activity.answered = metrics.answersByClass.reduce(0, +)
        activity.tokens = metrics.tokens
        activity.tokensPerSecond = Double(sum) / Double(FleetHistory.activityWindow)
    }
}

extension HistorySample.Latency {
    fileprivate init?(_ histogram: Histogram) {
        guard let median = histogram.quantile(0.5), let percentile95 = histogram.quantile(0.95) else { return nil }
        self.init(median: median, percentile95: percentile95)
    }
}
