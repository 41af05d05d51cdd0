import Foundation
import Testing

/// With Prometheus as people run it, and its promtool.
@Suite("A real Prometheus", .serialized, .enabled(if: PrometheusProcess.isAvailable))
struct PrometheusTests {
    private static let rules = Repository.path("packaging/prometheus/alerts.yaml")

    @Test("promtool has nothing to say about the metrics of a fleet in which much has happened")
    func metrics() async throws {
        let path = Repository.path("Tests/FleetMetricsTests/Expected/metrics.txt")
        let check = try await Promtool.run(["check", "metrics"], input: path)
        #expect(check.exit == .code(0))
        #expect(check.lines == [])
    }

    @Test("promtool has nothing to say about what a running balancer shows")
    func running() async throws {
        try await withFleet { fleet in
            _ = try await fleet.exchange(body: "{}")
            let reply = try await RawClient.exchange("GET", "/metrics", port: fleet.balancer.managementPort)
            #expect(reply["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            try await withTemporaryFolder { folder in
                let file = folder.appendingPathComponent("metrics.txt")
                try Data(reply.body).write(to: file)
                let check = try await Promtool.run(["check", "metrics"], input: file.path)
                #expect(check.exit == .code(0))
                #expect(check.lines == [])
            }
        }
    }

    @Test("the alert rules are valid, and fire when they should and only then")
    func alerts() async throws {
        let check = try await Promtool.run(["check", "rules", Self.rules])
        #expect(check.exit == .code(0), "\(check.lines)")
        let test = try await Promtool.run(["test", "rules", Repository.path("packaging/prometheus/alerts.test.yaml")])
        #expect(test.exit == .code(0), "\(test.lines)")
    }

    @Test("a Prometheus scrapes a running balancer, and sees slots come into use and requests wait")
    func scrapes() async throws {
        try await withFleet(servers: 2, slots: 2) { fleet in
            try await withPrometheus(scraping: fleet.balancer.managementPort, rules: Self.rules) { prometheus in
                try await eventually("idle slots in Prometheus", equals: 4) {
                    try await prometheus.value("paddler_slots_idle")
                }
                let running = try await fleet.balancer.occupySlots(4)
                let waiting = try fleet.connect()
                try await waiting.send(RawClient.request("POST", "/v1/chat/completions", body: "{}"))
                try await eventually("requests that wait in Prometheus", equals: 1) {
                    try await prometheus.value("paddler_requests_buffered")
                }
                try await eventually("slots in use in Prometheus", equals: 4) {
                    try await prometheus.value("paddler_slots_processing")
                }
                // On a busy machine a scrape may take longer than it may; then all is stale until the next.
                try await eventually("slots that are leased in Prometheus", equals: 4) {
                    try await prometheus.value("sum(paddler_upstream_slots_leased)")
                }
                try await eventually("a target that is up", equals: 1) {
                    try await prometheus.value(#"up{job="paddler"}"#)
                }
                try await eventually("the agents of the servers", equals: ["agent-0", "agent-1"]) {
                    try await prometheus.query("paddler_upstream_usable").compactMap { $0.metric["agent"] }.sorted()
                }
                for client in running + [waiting] { await client.close() }
            }
        }
    }

    private static func queries() throws -> [String] {
        let json = try Data(contentsOf: URL(fileURLWithPath: Repository.path("packaging/grafana/paddler.json")))
        return try JSONDecoder().decode(Dashboard.self, from: json).panels.flatMap { $0.targets ?? [] }.map(\.expr)
    }

    /// As Grafana asks where everything is chosen.
    private static func asked(_ query: String) -> String {
        query
            .replacingOccurrences(of: "$__rate_interval", with: "1m")
            .replacingOccurrences(of: "$instance", with: ".*")
            .replacingOccurrences(of: "$model", with: ".*")
    }

    @Test("where servers have no series of their own, the dashboard's panels of the whole fleet are as full as ever")
    func leftOut() async throws {
        let queries = try Self.queries().filter { $0.contains("paddler_upstream_") && !$0.contains("by (upstream") }
            .filter { !$0.contains("(le, upstream") && !$0.contains("paddler_upstream_slots") }
        #expect(queries.count > 15)
        try await withFleet(balancerArguments: ["--metrics-upstreams", "off"]) { fleet in
            try await withPrometheus(scraping: fleet.balancer.managementPort, rules: Self.rules) { prometheus in
                try await eventually("samples in Prometheus") {
                    try await prometheus.value("min(count_over_time(paddler_upstreams_left_out[1m]))") ?? 0 >= 2
                }
                for query in queries {
                    try await eventually("series for \(query)") {
                        try await !prometheus.query(Self.asked(query)).isEmpty
                    }
                }
            }
        }
    }

    @Test("Prometheus understands every query of the dashboard")
    func dashboard() async throws {
        let queries = try Self.queries()
        #expect(queries.count > 30)
        try await withFleet { fleet in
            try await withPrometheus(scraping: fleet.balancer.managementPort, rules: Self.rules) { prometheus in
                // Two samples, so that there are rates.
                try await eventually("samples in Prometheus") {
                    try await prometheus.value("min(count_over_time(paddler_upstream_usable[1m]))") ?? 0 >= 2
                }
                for query in queries {
                    let asked = Self.asked(query)
                    #expect(!asked.contains("$"))
                    // This fleet speaks no TLS, and so has no certificates.
                    guard !asked.contains("paddler_tls_certificate") else {
                        _ = try await prometheus.query(asked)
                        continue
                    }
                    // A scrape that a busy machine was too late for takes every series away until the next.
                    try await eventually("series for \(query)") {
                        try await !prometheus.query(asked).isEmpty
                    }
                }
            }
        }
    }

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable {
                let expr: String
            }

            let targets: [Target]?
        }

        let panels: [Panel]
    }
}
