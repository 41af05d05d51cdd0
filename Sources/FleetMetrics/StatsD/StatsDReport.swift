/// What is sent at one time: gauges as they are, counters and times by what has been added since the report before.
public struct StatsDReport: Equatable, Sendable {
    /// What is said of a histogram, in milliseconds, when something was recorded in it since the report before.
    public enum Statistic: String, CaseIterable, Sendable {
        case mean
        case median = "p50"
        case p95
        case p99
    }

    /// An Ethernet packet's 1500 bytes, less IPv6's header and UDP's, and some for a tunnel.
    public static let longestDatagram = 1432

    /// Each one metric, in the order of the catalogue.
    public private(set) var lines: [String] = []

    /// - Parameters:
    ///   - earlier: what the report before was made of; nil when this is the first, which tells all since the start.
    ///   - prefix: without its dot.
    ///   - tags: for DogStatsD; with none, lines are plain StatsD.
    public init(_ reading: MetricsReading, since earlier: MetricsReading?, prefix: String, tags: [String] = []) {
        let prefix = prefix.isEmpty ? "" : Self.plain(prefix, except: ":|@,#") + "."
        let ending = tags.isEmpty ? "" : "|#" + tags.map { Self.plain($0, except: "|,#") }.joined(separator: ",")
        for metric in Metric.all {
            guard let name = metric.statsDName, let samples = metric.fleetSamples else { continue }
            let before = earlier.map(samples) ?? []
            let now = samples(reading)
            for sample in now {
                let name = Self.name(prefix + name, sample.labels)
                let earlier = before.first { $0.labels == sample.labels }
                for line in Self.lines(name, metric.kind, sample.value, earlier?.value) { lines.append(line + ending) }
            }
            // Servers keep a gauge as it was sent last: who scales by a model's would do so for ever after it has gone.
            guard metric.kind == .gauge else { continue }
            for gone in before where !now.contains(where: { $0.labels == gone.labels }) {
                lines.append(Self.name(prefix + name, gone.labels) + ":0|g" + ending)
            }
        }
    }

    private static func name(_ name: String, _ labels: [String]) -> String {
        ([name] + labels.map(part)).joined(separator: ".")
    }

    /// A label's value as a part of a name, where a dot begins the next part.
    private static func part(_ label: String) -> String {
        guard !label.isEmpty else { return "unnamed" }
        let isPlain = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        return String(decoding: label.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    private static func lines(
        _ name: String,
        _ kind: Metric.Kind,
        _ value: MetricSample.Value,
        _ earlier: MetricSample.Value?
    ) -> [String] {
        switch (value, earlier) {
        case (.integer(let value), let earlier):
            guard kind == .counter else { return ["\(name):\(value)|g"] }
            let before = if case .integer(let count) = earlier { count } else { 0 }
            // A counter that hasn't moved is no news: some services bill by the metrics that they hear of.
            return value > before ? ["\(name):\(value - before)|c"] : []
        case (.real(let value), _):
            return ["\(name):\(decimal(value))|g"]
        case (.histogram(let histogram), .histogram(let earlier)):
            return lines(name, histogram.since(earlier))
        case (.histogram(let histogram), _):
            return lines(name, histogram)
        }
    }

    private static func lines(_ name: String, _ recorded: Histogram) -> [String] {
        Statistic.allCases.compactMap { statistic in
            let seconds =
                switch statistic {
                case .mean: recorded.mean
                case .median: recorded.quantile(0.5)
                case .p95: recorded.quantile(0.95)
                case .p99: recorded.quantile(0.99)
                }
            return seconds.map { "\(name).\(statistic.rawValue):\(decimal($0 * 1000))|ms" }
        }
    }

    /// With three decimals at most, and never with an exponent, which not every server reads.
    private static func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "0" }
        let thousandths = Int((value * 1000).rounded())
        let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1000)
        guard rest != 0 else { return String(whole) }
        var digits = String(1000 + rest.magnitude).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(thousandths < 0 ? "-" : "")\(whole.magnitude).\(digits)"
    }

    /// Without what would end the line or begin another of its parts.
    private static func plain(_ text: String, except separators: String) -> String {
        String(text.map { separators.contains($0) || $0.isNewline || $0 == "\0" ? "_" : $0 })
    }
}

extension StatsDReport {
    /// The lines, as many in each datagram as fit. A line that is too long by itself, through its tags, goes alone.
    public func datagrams(longest: Int = longestDatagram) -> [String] {
        var datagrams: [String] = []
        var current = ""
        for line in lines {
            if !current.isEmpty, current.utf8.count + 1 + line.utf8.count > longest {
                datagrams.append(current)
                current = ""
            }
            if !current.isEmpty { current += "\n" }
            current += line
        }
        if !current.isEmpty { datagrams.append(current) }
        return datagrams
    }
}
