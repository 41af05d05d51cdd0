import Foundation

/// A collector of OpenTelemetry spans in a process of its own: it takes nothing that OpenTelemetry's protocol doesn't have.
struct Collector: Sendable {
    struct Span: Decodable, Sendable {
        let trace, id, parent, name, kind, status, message: String
        let start, end: Int64
        let attributes, resource: [String: Value]

        /// A text, a number or whether.
        enum Value: Decodable, Equatable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
            case text(String)
            case number(Double)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let flag = try? container.decode(Bool.self) {
                    self = .number(flag ? 1 : 0)
                } else if let number = try? container.decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }

            init(stringLiteral value: String) { self = .text(value) }
            init(integerLiteral value: Int) { self = .number(Double(value)) }
        }
    }

    let process: ChildProcess
    let port: Int

    var url: String { "http://127.0.0.1:\(port)" }

    /// - Parameter port: nil: any free one.
    static func start(port: Int? = nil) async throws -> Collector {
        let process = try ClientScript.start("collector.py", port.map { ["\($0)"] } ?? [])
        let line = try await process.waitForLine(containing: "collector on ")
        guard let port = line.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw HarnessFailure(description: "no port in \(line)")
        }
        return Collector(process: process, port: port)
    }

    /// All that has come.
    func spans() throws -> [Span] {
        try process.lines.filter { $0.hasPrefix("spans ") }.flatMap {
            try JSONDecoder().decode([Span].self, from: Data($0.dropFirst("spans ".count).utf8))
        }
    }

    /// Those of the request with this `X-Request-Id`, its own first, when they have come: they come together.
    func trace(of identifier: String) async throws -> [Span] {
        let found = try await eventually(
            "the spans of \(identifier)",
            {
                let all = try spans()
                let own = all.first { $0.attributes["paddler.request_id"] == .text(identifier) }
                return own.map { own in all.filter { $0.trace == own.trace } }
            },
            satisfies: { $0 != nil }
        )
        return found ?? []
    }
}

/// A collector for as long as the body runs.
func withCollector(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Collector) async throws -> Void
) async throws {
    let collector = try await Collector.start()
    do {
        try await body(collector)
        try await collector.process.kill()
    } catch {
        for line in collector.process.lines.suffix(20) { print("collector:", line) }
        try await collector.process.kill()
        throw error
    }
}
