import Logging
import NIOCore
import NIOPosix
import RequestRecords
import ServiceLifecycle
import StubHTTPServer
import Synchronization
import TestLogs
import Testing

@testable import RequestTracing

@Suite("Spans on their way to a collector", .timeLimit(.minutes(1)))
struct SpanExporterTests {
    private let requests = TracedRequests(
        sampling: TraceSampling(fraction: 1),
        capacity: 100,
        countingSpans: RequestSpans.count
    )
    /// Of one request.
    private static let spans = 6

    /// Runs an exporter until `body` returns, and then to its end.
    private func withExporter(
        to url: String,
        _ configure: (inout TracingConfiguration) -> Void = { _ in },
        _ body: (LogLines) async throws -> Void
    ) async throws -> LogLines {
        var configuration = TracingConfiguration(endpoint: try #require(CollectorEndpoint(url)))
        configuration.interval = .milliseconds(1)
        configure(&configuration)
        let lines = LogLines()
        let exporter = SpanExporter(
            configuration: configuration,
            requests: requests,
            resource: TraceResource(version: "1", random: (1, 2)),
            group: .singletonMultiThreadedEventLoopGroup,
            logger: lines.logger
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: exporter, successTerminationBehavior: .ignore)],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        async let running: Void = group.run()
        try await body(lines)
        await group.triggerGracefulShutdown()
        try await running
        return lines
    }

    private func until(_ condition: () -> Bool) async {
        while !condition(), !Task.isCancelled { await Task.yield() }
    }

    @Test("go as JSON, with the headers that were asked for, and a redirect isn't followed")
    func sent() async throws {
        try await StubHTTPServer.with { _ in
            StubReply(307, headers: ["location": "/elsewhere"])
        } _: { collector in
            let lines = try await withExporter(to: collector.url) {
                $0.headers = [CollectorHeader(name: "Authorization", value: "Bearer secret")]
            } _: { _ in
                requests.add(SampleRecords.streamed())
                await until { requests.lost == Self.spans }
            }
            #expect(collector.requests.map(\.uri) == ["/v1/traces"])
            let request = try #require(collector.requests.first)
            #expect(request.method == "POST" && request.headers["content-type"] == "application/json")
            #expect(request.headers["authorization"] == "Bearer secret")
            #expect(lines.all.first?.contains("redirects aren't followed") == true)
            #expect(!lines.all.joined().contains("secret"))
        }
    }

    @Test("are sent again until they are taken, with one line when it fails and one when it works")
    func again() async throws {
        let asked = Mutex(0)
        try await StubHTTPServer.with { _ in
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            return number < 3 ? StubReply(503, headers: ["retry-after": "0"]) : StubReply(200, "{}")
        } _: { collector in
            let lines = try await withExporter(to: collector.url) { lines in
                requests.add(SampleRecords.streamed())
                await until { lines.all.count == 2 }
            }
            #expect(collector.requests.count == 3 && requests.lost == 0)
            #expect(lines.all.count == 2)
            #expect(lines.all.first?.contains("spans don't get to the collector") == true)
            #expect(lines.all.first?.contains("it answered 503") == true)
            #expect(lines.all.last?.contains("spans get to the collector again") == true)
        }
    }

    @Test("a stop sends what there is, once more if it has to wait")
    func stop() async throws {
        try await StubHTTPServer.with { _ in
            StubReply(200, "{}")
        } _: { collector in
            _ = try await withExporter(to: collector.url) {
                $0.interval = .seconds(3600)
            } _: { _ in
                for _ in 0..<3 { requests.add(SampleRecords.streamed()) }
            }
            #expect(requests.takeAll().isEmpty && requests.lost == 0 && !collector.requests.isEmpty)
        }
        try await StubHTTPServer.with { _ in
            StubReply(503, headers: ["retry-after": "3600"])
        } _: { collector in
            _ = try await withExporter(to: collector.url) { _ in
                requests.add(SampleRecords.streamed())
                await until { !collector.requests.isEmpty }
                requests.add(SampleRecords.streamed())
            }
            #expect(requests.takeAll().isEmpty && requests.lost == 2 * Self.spans)
        }
    }

    @Test("a stop waits for a collector that says nothing no longer than it may")
    func silent() async throws {
        try await StubHTTPServer.with { _ in
            nil
        } _: { collector in
            let lines = try await withExporter(to: collector.url) {
                $0.stopLimit = .milliseconds(1)
            } _: { _ in
                requests.add(SampleRecords.streamed())
                await until { !collector.requests.isEmpty }
                requests.add(SampleRecords.streamed())
            }
            #expect(requests.takeAll().isEmpty && requests.lost == 2 * Self.spans)
            #expect(lines.all.last?.contains("spans were lost") == true)
        }
    }

    @Test("an answer that never ends holds up nothing for longer than its head may take")
    func endless() async throws {
        let collector = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { $0.pipeline.addHandler(EndlessAnswer()) }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(collector.localAddress?.port)
        _ = try await withExporter(to: "http://127.0.0.1:\(port)") {
            $0.timeout = .milliseconds(100)
        } _: { _ in
            requests.add(SampleRecords.streamed())
            await until { EndlessAnswer.ended.withLock { $0 } > 0 }
        }
        #expect(requests.lost == 0)
        try await collector.close()
    }
}

/// Says of each request that it is fine, and then a byte now and then, more often than anybody waits for one.
private final class EndlessAnswer: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    /// Connections on which nobody listens any more.
    static let ended = Mutex(0)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n"), promise: nil)
        channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { task in
            guard channel.isActive else { return task.cancel() }
            channel.writeAndFlush(ByteBuffer(string: " "), promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        Self.ended.withLock { $0 += 1 }
    }
}
