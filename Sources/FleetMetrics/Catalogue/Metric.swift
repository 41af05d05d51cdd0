import Scheduling

/// One metric: what exporters and the manual say of it, and how it is read. ``all`` lists every one.
public struct Metric: Sendable {
    public enum Kind: String, Sendable {
        /// Never falls while the balancer runs.
        case counter
        case gauge
        /// Of spans of time.
        case histogram
    }

    public enum Unit: String, Sendable {
        case count
        /// 0 or 1.
        case flag
        case seconds
        case bytes
        /// 0...1.
        case ratio
        case celsius
    }

    /// As Prometheus calls it.
    public let name: String
    public let kind: Kind
    public let unit: Unit
    /// The names of the labels, in the order of the values in each sample.
    public let labels: [String]
    /// One sentence without its full stop.
    public let help: String
    /// Each with its labels, in the order in which they are to appear; the first ones may be missing, see ``names(of:)``.
    let samples: @Sendable (MetricsReading) -> [MetricSample]
    /// The same over the whole fleet, for exporters that don't tell upstreams apart; nil: it isn't for them.
    let fleetSamples: (@Sendable (MetricsReading) -> [MetricSample])?
}

extension Metric {
    /// The names of a sample's labels. What is told of all upstreams together lacks the labels of single ones, which come first.
    func names(of sample: MetricSample) -> ArraySlice<String> { labels.suffix(sample.labels.count) }

    /// Nothing of it is about one upstream.
    static func fleet(
        _ kind: Kind,
        _ name: String,
        unit: Unit = .count,
        labels: [String] = [],
        _ help: String,
        _ samples: @escaping @Sendable (MetricsReading) -> [MetricSample]
    ) -> Metric {
        Metric(
            name: name,
            kind: kind,
            unit: unit,
            labels: labels,
            help: help,
            samples: samples,
            fleetSamples: samples
        )
    }

    /// A count of each model, where there are several.
    static func model(_ name: String, _ help: String, _ value: @escaping @Sendable (ModelSnapshot) -> Int) -> Metric {
        .fleet(.gauge, name, labels: ModelReading.labelNames, help) { reading in
            reading.models.map { MetricSample(.integer(value($0.snapshot)), labels: $0.labels) }
        }
    }

    /// About the process or the program: StatsD's servers learn that elsewhere.
    static func process(
        _ kind: Kind,
        _ name: String,
        unit: Unit = .count,
        labels: [String] = [],
        _ help: String,
        _ samples: @escaping @Sendable (MetricsReading) -> [MetricSample]
    ) -> Metric {
        Metric(name: name, kind: kind, unit: unit, labels: labels, help: help, samples: samples, fleetSamples: nil)
    }

    /// A state of each upstream, of which there is no sum.
    ///
    /// - Parameter whenLost: of an upstream that is lost and of which nothing else is left; nil: it has no sample.
    static func upstreamState(
        _ name: String,
        unit: Unit = .count,
        labels: [String] = [],
        _ help: String,
        whenLost: (@Sendable (LostUpstream) -> MetricSample)? = nil,
        _ value: @escaping @Sendable (UpstreamReading) -> MetricSample
    ) -> Metric {
        Metric(
            name: name,
            kind: .gauge,
            unit: unit,
            labels: UpstreamReading.labelNames + labels,
            help: help,
            samples: { reading in
                let lost = whenLost.map { value in
                    reading.lost.map { MetricSample(value($0.upstream).value, labels: $0.labels) }
                }
                return reading.upstreams.map { value($0).labelled(by: $0) } + (lost ?? [])
            },
            fleetSamples: nil
        )
    }

    /// Something that adds up over upstreams. Where these aren't told of one by one, it is told of all together, without the labels
    /// that tell them apart: whoever adds up gets the same.
    static func upstream(
        _ kind: Kind,
        _ name: String,
        unit: Unit = .count,
        labels: [String] = [],
        _ help: String,
        _ samples: @escaping @Sendable (UpstreamMetrics) -> [MetricSample]
    ) -> Metric {
        Metric(
            name: name,
            kind: kind,
            unit: unit,
            labels: UpstreamReading.labelNames + labels,
            help: help,
            samples: { reading in
                guard reading.upstreamsLeftOut == 0 else { return samples(reading.proxy.fleet) }
                return reading.upstreams.flatMap { upstream in
                    samples(upstream.metrics).map { $0.labelled(by: upstream) }
                }
            },
            fleetSamples: { samples($0.proxy.fleet) }
        )
    }
}
