import Foundation

/// A real Prometheus in a process of its own.
struct PrometheusProcess: Sendable {
    let process: ChildProcess
    let port: Int

    /// Set by `make test`; without it, tests that need the real one are skipped.
    static var isAvailable: Bool { executable != nil }

    static var executable: String? { ProcessInfo.processInfo.environment["PROMETHEUS"] }

    /// - Parameters:
    ///   - target: the port on the loopback address that it scrapes, as the job `paddler`.
    ///   - rules: the path of a file of rules.
    static func start(scraping target: Int, rules: String, in folder: URL) async throws -> PrometheusProcess {
        guard let executable else { throw HarnessFailure(description: "PROMETHEUS isn't set: use make test") }
        let configuration = folder.appendingPathComponent("prometheus.yaml")
        let text = """
            global:
              scrape_interval: 200ms
              evaluation_interval: 200ms
            rule_files: ["\(rules)"]
            scrape_configs:
              - job_name: paddler
                static_configs:
                  - targets: ["127.0.0.1:\(target)"]
            """
        try text.write(to: configuration, atomically: true, encoding: .utf8)
        let process = try ChildProcess(
            executable,
            [
                "--config.file=\(configuration.path)",
                "--storage.tsdb.path=\(folder.appendingPathComponent("data").path)",
                "--web.listen-address=127.0.0.1:0", "--log.format=json",
            ]
        )
        let line = try await process.waitForLine(containing: #""msg":"Listening on""#)
        let digits = line.components(separatedBy: "127.0.0.1:").last?.prefix(while: \.isNumber) ?? ""
        guard let port = Int(digits) else { throw HarnessFailure(description: "no port in \(line)") }
        return PrometheusProcess(process: process, port: port)
    }

    /// What an expression is worth now: a value for each set of labels.
    func query(_ expression: String) async throws -> [Series] {
        let query = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let reply = try await RawClient.exchange(
            "POST",
            "/api/v1/query",
            port: port,
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: "query=\(query)"
        )
        guard reply.status == 200 else { throw HarnessFailure(description: "\(expression): \(reply.text)") }
        return try JSONDecoder().decode(Answer.self, from: Data(reply.body)).data.result
    }

    /// The value of an expression that has one alone; nil if it has none or several.
    func value(_ expression: String) async throws -> Double? {
        let series = try await query(expression)
        return series.count == 1 ? series[0].number : nil
    }

    struct Series: Decodable, Sendable {
        let metric: [String: String]
        let number: Double?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            metric = try container.decode([String: String].self, forKey: .metric)
            var value = try container.nestedUnkeyedContainer(forKey: .value)
            _ = try value.decode(Double.self)
            number = Double(try value.decode(String.self))
        }

        enum CodingKeys: String, CodingKey {
            case metric, value
        }
    }

    private struct Answer: Decodable {
        struct Content: Decodable {
            let result: [Series]
        }

        let data: Content
    }
}

/// A Prometheus that scrapes this port, for as long as the body runs. When the body throws, its log is printed.
func withPrometheus<Result>(
    scraping port: Int,
    rules: String,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (PrometheusProcess) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let prometheus = try await PrometheusProcess.start(scraping: port, rules: rules, in: folder)
        do {
            let result = try await body(prometheus)
            try await prometheus.process.kill()
            return result
        } catch {
            try await prometheus.process.kill()
            for line in prometheus.process.lines.suffix(30) { print("prometheus:", line) }
            throw error
        }
    }
}
