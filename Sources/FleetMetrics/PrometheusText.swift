/// A reading in Prometheus' text format, version 0.0.4. The same reading gives the same text.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
public struct PrometheusText: Sendable {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    public private(set) var text = ""

    public init(_ reading: MetricsReading) {
        for metric in Metric.all { write(metric, metric.samples(reading)) }
    }

    private mutating func write(_ metric: Metric, _ samples: [MetricSample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(metric.name) \(Self.escaped(metric.help))\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
        for sample in samples {
            let labels = zip(metric.names(of: sample), sample.labels)
                .map { name, value in "\(name)=\"\(Self.escaped(value, quotes: true))\"" }
                .joined(separator: ",")
            switch sample.value {
            case .integer(let value): write(metric.name, labels, String(value))
            case .real(let value): write(metric.name, labels, Self.number(value))
            case .histogram(let histogram): write(metric.name, labels, histogram)
            }
        }
    }

    private mutating func write(_ name: String, _ labels: String, _ histogram: Histogram) {
        let bucket = name + "_bucket"
        let others = labels.isEmpty ? "" : labels + ","
        var sum = 0
        for (bound, count) in zip(histogram.bounds.nanoseconds, histogram.counts) {
            sum += count
            write(bucket, "\(others)le=\"\(Self.seconds(nanoseconds: bound))\"", String(sum))
        }
        write(bucket, "\(others)le=\"+Inf\"", String(histogram.count))
        write(name + "_sum", labels, Self.seconds(nanoseconds: histogram.sumNanoseconds))
        write(name + "_count", labels, String(histogram.count))
    }

    /// - Parameter labels: as they stand between the braces.
    private mutating func write(_ name: String, _ labels: String, _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    private static func seconds(nanoseconds: Int64) -> String {
        number(Double(nanoseconds) / 1e9)
    }

    /// The shortest text that reads as the same number.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Quotes are escaped in labels alone: in a help text, the backslash before one would be shown.
    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        guard text.utf8.contains(where: { [UInt8(ascii: "\\"), UInt8(ascii: "\n"), UInt8(ascii: "\"")].contains($0) })
        else { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\\"): bytes += [byte, byte]
            case UInt8(ascii: "\"") where quotes: bytes += [UInt8(ascii: "\\"), byte]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
