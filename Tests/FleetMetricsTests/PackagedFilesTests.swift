import Testing

@testable import FleetMetrics

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is shipped for Grafana and Prometheus. Whether Prometheus understands it is for the integration tests.
struct PackagedFilesTests {
    @Test(
        "only metrics that exist are asked for",
        arguments: [
            "packaging/grafana/paddler.json", "packaging/prometheus/alerts.yaml",
            "packaging/prometheus/alerts.test.yaml",
        ]
    )
    func metrics(path: String) throws {
        let series = Set(Metric.all.flatMap(\.seriesNames))
        let asked = try Repository.text(path).split { !($0.isLetter || $0.isNumber || $0 == "_") }
            .filter { $0.hasPrefix("paddler_") || $0.hasPrefix("process_") }
        #expect(asked.count > 10)
        for name in asked { #expect(series.contains(String(name)), "\(path) asks for \(name)") }
    }

    @Test("each panel of the dashboard has a place of its own, a number of its own, and queries the chosen data source")
    func dashboard() throws {
        let dashboard = try JSONDecoder().decode(
            Dashboard.self,
            from: Data(Repository.text("packaging/grafana/paddler.json").utf8)
        )
        #expect(dashboard.templating.list.first?.name == "datasource")
        #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
        var taken: Set<[Int]> = []
        for panel in dashboard.panels {
            let place = panel.gridPos
            #expect(place.x >= 0 && place.x + place.w <= 24, "\(panel.title)")
            for x in place.x..<place.x + place.w {
                for y in place.y..<place.y + place.h { #expect(taken.insert([x, y]).inserted, "\(panel.title)") }
            }
            guard panel.type != "row" else { continue }
            let targets = panel.targets ?? []
            #expect(!targets.isEmpty && panel.description?.isEmpty == false, "\(panel.title)")
            #expect(Set(targets.map(\.refId)).count == targets.count, "\(panel.title)")
            for target in targets { #expect(!target.expr.isEmpty && target.datasource.uid == "${datasource}") }
        }
    }
}

extension Metric {
    /// As they stand in queries.
    fileprivate var seriesNames: [String] {
        kind == .histogram ? ["_bucket", "_sum", "_count"].map { name + $0 } : [name]
    }
}

/// As much of Grafana's model as is looked at here.
private struct Dashboard: Decodable {
    struct Panel: Decodable {
        struct Place: Decodable {
            let x, y, w, h: Int
        }

        struct Target: Decodable {
            struct Source: Decodable {
                let uid: String
            }

            let expr: String
            let refId: String
            let datasource: Source
        }

        let id: Int
        let type: String
        let title: String
        let description: String?
        let gridPos: Place
        let targets: [Target]?
    }

    struct Templating: Decodable {
        struct Variable: Decodable {
            let name: String
        }

        let list: [Variable]
    }

    let panels: [Panel]
    let templating: Templating
}
