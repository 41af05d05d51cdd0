/// llama-server's `/metrics` of several servers as one text, in Prometheus' format: what counts up is summed, what is as it is
/// just now stands there for each server, with its address as the label `upstream`.
public struct MetricsSum: Sendable {
    private enum Values {
        case sum([String: Double])
        /// The largest of all: llama-server calls `n_tokens_max` a counter.
        case largest([String: Double])
        /// Whole lines, each with its server.
        case each([String])
    }

    private struct Family {
        var help: String?
        var type: String
        var values: Values

        mutating func add(_ sample: Sample, of server: String) {
            let series = sample.labels.isEmpty ? String(sample.name) : "\(sample.name){\(sample.labels)}"
            switch values {
            case .sum(var sums):
                values = .sum([:])
                sums[series, default: 0] += sample.value
                values = .sum(sums)
            case .largest(var largest):
                values = .largest([:])
                largest[series] = max(largest[series] ?? -.infinity, sample.value)
                values = .largest(largest)
            case .each(var lines):
                values = .each([])
                let others = sample.labels.isEmpty ? "" : ",\(sample.labels)"
                lines.append("\(sample.name){upstream=\"\(server)\"\(others)} \(sample.valueText)")
                values = .each(lines)
            }
        }
    }

    private var families: [String: Family] = [:]
    private var order: [String] = []

    /// Series that a server may have; more are left out.
    static let maximumSeries = 4096
    private var seriesLeft = Self.maximumSeries

    public init() {}

    /// - Parameters:
    ///   - text: a server's answer; what isn't in Prometheus' format is passed over.
    ///   - server: what the label says.
    public mutating func add(_ text: String, of server: String) {
        seriesLeft = Self.maximumSeries
        var help: [Substring: Substring] = [:]
        var types: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("#") {
                let words = line.split(separator: " ", maxSplits: 3)
                guard words.count == 4 else { continue }
                if words[1] == "HELP" { help[words[2]] = words[3] }
                if words[1] == "TYPE" { types[words[2]] = words[3] }
            } else if let sample = Sample(line), seriesLeft > 0 {
                seriesLeft -= 1
                let name = Self.family(of: sample.name, among: types)
                begin(String(name), help: help[name].map(String.init), type: types[name].map(String.init))
                families[String(name)]?.add(sample, of: server)
            }
        }
    }

    private mutating func begin(_ name: String, help: String?, type: String?) {
        guard families[name] == nil else { return }
        let type = type ?? "untyped"
        let values: Values =
            switch type {
            case "counter" where name.hasSuffix("_max"): .largest([:])
            case "counter", "histogram": .sum([:])
            default: .each([])
            }
        families[name] = Family(help: help, type: type, values: values)
        order.append(name)
    }

    /// A histogram's series have names of their own.
    private static func family(of name: Substring, among types: [Substring: Substring]) -> Substring {
        for suffix in ["_bucket", "_sum", "_count"] where types[name] == nil && name.hasSuffix(suffix) {
            let base = name.dropLast(suffix.count)
            if types[base] == "histogram" { return base }
        }
        return name
    }

    /// In the order in which the families were first seen.
    public var text: String {
        var text = ""
        for name in order {
            guard let family = families[name] else { continue }
            if let help = family.help { text += "# HELP \(name) \(help)\n" }
            text += "# TYPE \(name) \(family.type)\n"
            switch family.values {
            case .sum(let values), .largest(let values):
                for (series, value) in values.sorted(by: { $0.key < $1.key }) {
                    text += "\(series) \(Self.shown(value))\n"
                }
            case .each(let lines):
                for line in lines { text += line + "\n" }
            }
        }
        return text
    }

    private static func shown(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? "\(value)"
    }

    private struct Sample {
        let name: Substring
        /// Between the braces; empty without them.
        let labels: Substring
        let value: Double
        let valueText: Substring

        /// Time stamps, which llama-server doesn't give, are left out.
        init?(_ line: Substring) {
            let end: Substring.Index
            if let open = line.firstIndex(of: "{") {
                guard let close = line.lastIndex(of: "}"), open < close else { return nil }
                name = line[..<open]
                labels = line[line.index(after: open)..<close]
                end = line.index(after: close)
            } else {
                guard let space = line.firstIndex(of: " ") else { return nil }
                name = line[..<space]
                labels = ""
                end = space
            }
            guard !name.isEmpty, let text = line[end...].split(separator: " ").first, let value = Double(text) else {
                return nil
            }
            self.value = value
            valueText = text
        }
    }
}
