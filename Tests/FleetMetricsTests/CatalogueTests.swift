import Testing

@testable import FleetMetrics

struct CatalogueTests {
    @Test("no two metrics have the same name")
    func names() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        let statsD = Metric.all.compactMap(\.statsDName)
        #expect(Set(statsD).count == statsD.count)
    }

    @Test("Paddler's gauges keep their names")
    func oldNames() {
        for name in ["slots_idle", "slots_processing", "requests_buffered"] {
            let metric = Metric.all.first { $0.name == "paddler_" + name }
            #expect(metric?.kind == .gauge)
            #expect(metric?.statsDName == name)
        }
    }

    @Test("names end as Prometheus' conventions ask for", arguments: Metric.all.map(\.name))
    func conventions(name: String) throws {
        let metric = try #require(Metric.all.first { $0.name == name })
        #expect(name.hasSuffix("_total") == (metric.kind == .counter))
        let stem = metric.kind == .counter ? String(name.dropLast("_total".count)) : name
        #expect(stem.hasSuffix("_seconds") == (metric.unit == .seconds))
        #expect(stem.hasSuffix("_bytes") == (metric.unit == .bytes))
        #expect(!metric.help.isEmpty && !metric.help.hasSuffix("."))
    }

    @Test("each sample has a value for each label, and no two have the same", arguments: Metric.all.map(\.name))
    func labels(name: String) throws {
        let metric = try #require(Metric.all.first { $0.name == name })
        let reading = Metric.ofModels.contains { $0.name == name } ? SampleFleet.severalModels() : SampleFleet.reading()
        let samples = metric.samples(reading)
        #expect(!samples.isEmpty)
        for sample in samples { #expect(sample.labels.count == metric.labels.count) }
        #expect(Set(samples.map(\.labels)).count == samples.count)
    }

    @Test("the manual's table lists exactly these metrics")
    func manual() throws {
        let path = "docs/metrics.md"
        let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = Metric.all.map(\.manualRow)
        let before = lines.prefix { !Self.isRow($0) }
        let rows = lines.dropFirst(before.count).prefix(while: Self.isRow)
        let after = lines.dropFirst(before.count + rows.count)
        if Repository.updates {
            try Repository.write(
                (before.map(String.init) + wanted + after.map(String.init)).joined(separator: "\n"),
                to: path
            )
        } else {
            #expect(rows.map(String.init) == wanted, "UPDATE_EXPECTED=1 writes them into \(path)")
        }
    }

    private static func isRow(_ line: Substring) -> Bool {
        line.hasPrefix("| `paddler_") || line.hasPrefix("| `process_")
    }

    @Test("a server that gets another model keeps its series", arguments: Metric.all.map(\.name))
    func modelChanged(name: String) throws {
        let metric = try #require(Metric.all.first { $0.name == name })
        guard metric.labels.contains("upstream") else { return }
        #expect(metric.labels.contains("model") == (name == "paddler_upstream_info"))
    }

    @Test("a label never grows long, whatever agents say")
    func longLabels() {
        #expect(SampleFleet.labels(name: "gpu", models: ["b", "a"]) == ["10.0.0.1:8088", "gpu", "a,b", ""])
        let many = (0..<100).map { "model-\($0)" }
        #expect(SampleFleet.labels(name: nil, models: many) == ["10.0.0.1:8088", "", "100 models", ""])
        let long = String(repeating: "x", count: 5000)
        for label in SampleFleet.labels(name: long, models: [long]) { #expect(label.count <= 100) }
    }
}

extension Metric {
    /// As the manual lists it.
    fileprivate var manualRow: String {
        let names = labels.isEmpty ? "" : labels.map { "`\($0)`" }.joined(separator: ", ")
        return "| `\(name)` | \(kind.rawValue) | \(unit.rawValue) | \(names) | \(statsDForm) | \(help) |"
    }

    private var statsDForm: String {
        guard let statsDName else { return "" }
        let ownLabels = labels.filter { !UpstreamReading.labelNames.contains($0) }
        let parts = [statsDName] + ownLabels.map { $0.uppercased() } + (kind == .histogram ? ["*"] : [])
        return "`\(parts.joined(separator: "."))`"
    }
}
