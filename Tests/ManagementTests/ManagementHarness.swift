import AccessControl
import AgentProtocol
import AsyncHTTPClient
import FleetMetrics
import LlamaServer
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import RequestRecords
import ServiceLifecycle
import TransportSecurity
import Usage

@testable import Management

/// A management server on a free port of the loopback address.
struct ManagementHarness: Sendable {
    let fleet = RecordingFleet()
    let messages = AgentMessages()
    /// Takes no reading but when a test has it take one.
    let history: HistoryRecorder

    /// What `GET /api/v1/tenants` is told.
    var tenants = TenantStandings()
    /// Of whom `POST /api/v1/explain` is asked.
    var askers: TenantRing?
    /// What `GET /api/v1/requests` is told.
    var requests = RequestListing()
    /// In memory.
    let usage: UsageStore

    private let tokens: KeyRing
    private let agentNames: AgentNames
    private let allowedOrigins: [String]
    private let dashboard: Dashboard?
    private let readingTokens: KeyRing
    private let trustedProxies: TrustedProxies?
    private let maximumConnections: Int
    private let tls: (server: ListenerCertificates, client: TLSConfiguration)?
    let refusals = ManagementRefusals()

    init(
        tokens: KeyRing = .open,
        readingTokens: KeyRing = .open,
        agentNames: AgentNames = .any,
        allowedOrigins: [String] = [],
        trustedProxies: TrustedProxies? = nil,
        maximumConnections: Int = ManagementServer.usualConnections,
        dashboard: Dashboard? = nil,
        tls: (server: ListenerCertificates, client: TLSConfiguration)? = nil
    ) {
        self.tls = tls
        self.tokens = tokens
        self.agentNames = agentNames
        self.readingTokens = readingTokens
        self.trustedProxies = trustedProxies
        self.maximumConnections = maximumConnections
        self.allowedOrigins = allowedOrigins
        self.dashboard = dashboard
        history = Self.history(of: fleet)
        usage = UsageStore(folder: nil, retention: 400, logger: Self.logger)
    }

    static func history(of fleet: RecordingFleet) -> HistoryRecorder {
        HistoryRecorder { FleetReading(fleet: fleet.snapshot(), proxy: ProxyMetrics()) }
    }

    private static func reading(_ fleet: RecordingFleet) -> @Sendable () async -> MetricsReading {
        { MetricsReading(fleet: fleet.snapshot(), proxy: ProxyMetrics(), bytesHeld: 0, version: "9.9.9") }
    }

    /// Runs the server for as long as the body takes.
    func run(_ body: @Sendable (TestClient) async throws -> Void) async throws {
        try await run { client, _ in try await body(client) }
    }

    /// - Parameter body: is given what asks the server to stop gracefully, too.
    func run(_ body: @Sendable (TestClient, _ stop: @Sendable () async -> Void) async throws -> Void) async throws {
        let (addresses, continuation) = AsyncStream.makeStream(of: NetworkAddress.self)
        var server = ManagementServer(
            address: NetworkAddress(host: "127.0.0.1", port: 0),
            certificates: tls?.server,
            maximumConnections: maximumConnections,
            fleet: fleet,
            messages: messages,
            version: "9.9.9",
            tokens: tokens,
            readingTokens: readingTokens,
            agentNames: agentNames,
            allowedOrigins: allowedOrigins,
            trustedProxies: trustedProxies,
            refusals: refusals,
            dashboard: dashboard,
            metrics: Self.reading(fleet),
            history: history,
            requests: { [requests] in requests },
            tenants: { [tenants] in tenants },
            askers: askers,
            usage: { [usage] in try await usage.answer($0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Self.logger
        )
        server.wallClock = fleet.wallClock
        let services = ServiceGroup(
            services: [TestService { [server] in try await server.run { continuation.yield($0) } }],
            logger: Self.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await services.run()
            }
            guard let address = await addresses.first(where: { _ in true }) else {
                return try await group.waitForAll()
            }
            // One client for each test: a test that leaves a connection half open disturbs no other.
            let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: clientConfiguration)
            do {
                try await body(TestClient(address: address, http: http, speaksTLS: tls != nil)) {
                    await services.triggerGracefulShutdown()
                }
            } catch {
                try? await http.shutdown()
                throw error
            }
            try await http.shutdown()
            group.cancelAll()
        }
    }

    private static var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    private var clientConfiguration: HTTPClient.Configuration {
        HTTPClient.Configuration(tlsConfiguration: tls?.client, redirectConfiguration: .disallow)
    }

    private struct TestService: Service {
        let body: @Sendable () async throws -> Void

        func run() async throws { try await body() }
    }
}

struct TestClient: Sendable {
    let address: NetworkAddress
    let http: HTTPClient
    var speaksTLS = false

    private var base: String { "\(speaksTLS ? "https" : "http")://\(address)" }

    func send(
        _ method: String,
        _ path: String,
        headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> TestReply {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await http.execute(request, timeout: .seconds(30))
        return TestReply(
            status: Int(response.status.code),
            headers: response.headers,
            body: String(buffer: try await response.body.collect(upTo: 1 << 20))
        )
    }

    /// Opens an agent's connection.
    func connect(id: String, token: String? = nil) async throws -> TestAgent {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        var request = HTTPClientRequest(url: base + AgentConnection.path(agentID: id))
        request.method = .POST
        request.headers.add(name: "content-type", value: AgentConnection.contentType)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        request.body = .stream(stream, length: .unknown)
        let response = try await http.execute(request, timeout: .seconds(30))
        return TestAgent(status: Int(response.status.code), outgoing: continuation, body: response.body)
    }
}

struct TestReply {
    let status: Int
    let headers: HTTPHeaders
    let body: String

    var contentType: String? { headers.first(name: "content-type") }
    var allow: String? { headers.first(name: "allow") }
    var location: String? { headers.first(name: "location") }
    /// The session that it sets, as a browser would send it back.
    var cookie: String? { headers.first(name: "set-cookie")?.split(separator: ";").first.map(String.init) }
}

/// An agent's side of a connection, word by word.
struct TestAgent {
    let status: Int
    private let outgoing: AsyncStream<ByteBuffer>.Continuation
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private var lines = MessageLines()
    private var waiting: [BalancerMessage] = []

    init(status: Int, outgoing: AsyncStream<ByteBuffer>.Continuation, body: HTTPClientResponse.Body) {
        self.status = status
        self.outgoing = outgoing
        self.iterator = body.makeAsyncIterator()
    }

    func say(_ message: AgentMessage) throws {
        outgoing.yield(ByteBuffer(bytes: try encodeLine(message)))
    }

    func say(raw text: String) {
        outgoing.yield(ByteBuffer(string: text))
    }

    /// Ends the request's body.
    func finish() {
        outgoing.finish()
    }

    /// - Returns: nil when the balancer has ended its side.
    mutating func hear() async throws -> BalancerMessage? {
        while waiting.isEmpty {
            guard let buffer = try await iterator.next() else { return nil }
            waiting += try lines.append(buffer.readableBytesView).compactMap { try BalancerMessage.decode(line: $0) }
        }
        return waiting.removeFirst()
    }
}
