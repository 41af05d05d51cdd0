internal import AsyncHTTPClient
internal import HTTPExchange
public import Logging
public import NIOCore
internal import NIOHTTP1
public import RequestRecords
public import ServiceLifecycle

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Sends the spans of requests that ended to a collector, by OTLP over HTTP in JSON: once a second, in batches, on a task of its
/// own. What the collector doesn't take for now is sent again, and meanwhile ``TracedRequests`` holds what it has room for.
public struct SpanExporter: Service {
    private let configuration: TracingConfiguration
    private let requests: TracedRequests
    private let resource: TraceResource
    private let group: any EventLoopGroup
    private let logger: Logger

    /// Of a collector's answer, in bytes; of a longer one nothing is read.
    private static let longestAnswer = 64 << 10

    /// - Parameter group: one of whose event loops carries the connection.
    public init(
        configuration: TracingConfiguration,
        requests: TracedRequests,
        resource: TraceResource,
        group: any EventLoopGroup,
        logger: Logger
    ) {
        self.configuration = configuration
        self.requests = requests
        self.resource = resource
        self.group = group
        self.logger = logger
    }

    /// Sends until a graceful shutdown, and then what there is, for as long as that may take.
    public func run() async throws {
        var client = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(configuration.timeout), read: TimeAmount(configuration.timeout))
        )
        client.httpVersion = .http1Only
        // Tried again here.
        client.connectionPool.retryConnectionEstablishment = false
        try await HTTPClient.withHTTPClient(eventLoopGroup: group, configuration: client) { client in
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await export(by: client) }
                tasks.addTask {
                    guard (try? await gracefulShutdown()) != nil else { return }
                    try? await ContinuousClock().sleep(for: configuration.stopLimit)
                }
                await tasks.next()
                tasks.cancelAll()
            }
        }
        let left = SpanBatches(requests.takeAll(), of: resource).left
        if left > 0 { requests.lose(left) }
        if requests.lost > 0 {
            logger.warning("spans were lost", metadata: ["spans": "\(requests.lost)"])
        }
    }

    private func export(by client: HTTPClient) async {
        var delivery = Delivery()
        while true {
            let isLast = Task.isShuttingDownGracefully
            await sendAll(by: client, &delivery)
            guard !isLast, !Task.isCancelled else { return }
            await pause(configuration.interval)
        }
    }

    private func sendAll(by client: HTTPClient, _ delivery: inout Delivery) async {
        var batches = SpanBatches(requests.takeAll(), of: resource)
        while let batch = batches.take() {
            guard await send(batch, by: client, &delivery) else { return requests.lose(batches.left) }
        }
    }

    /// - Returns: false if there is no time for more.
    private func send(_ batch: SpanBatches.Batch, by client: HTTPClient, _ delivery: inout Delivery) async -> Bool {
        while true {
            let isLast = Task.isShuttingDownGracefully
            let answer = await post(batch.json, by: client)
            let now = Int64(time(nil))
            let (verdict, change) = delivery.judge(answer, spans: batch.spans, now: now, jitter: .random(in: 0..<1))
            log(change)
            switch verdict {
            case .delivered:
                return true
            case .lost(let spans):
                requests.lose(spans)
                return true
            case .again(let pause):
                guard !isLast, !Task.isCancelled else {
                    requests.lose(batch.spans)
                    return false
                }
                await self.pause(pause)
            }
        }
    }

    /// Until a shutdown begins, at most.
    private func pause(_ duration: Duration) async {
        await cancelWhenGracefulShutdown { try? await ContinuousClock().sleep(for: duration) }
    }

    private func post(_ json: [UInt8], by client: HTTPClient) async -> CollectorAnswer {
        var request = HTTPClientRequest(url: configuration.endpoint.url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "paddler/\(resource.version)")
        for header in configuration.headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
        request.body = .bytes(json)
        do {
            let reply = try await client.execute(request, timeout: TimeAmount(configuration.timeout))
            return .reply(
                status: Int(reply.status.code),
                retryAfter: reply.headers.first(name: "retry-after"),
                body: await body(of: reply)
            )
        } catch {
            return .none(RequestFailure.inWords(error))
        }
    }

    /// What it says is of use only if it is short, and soon there: the limit of the request ended with the answer's head.
    private func body(of reply: HTTPClientResponse) async -> [UInt8] {
        await withTaskGroup(of: [UInt8].self) { tasks in
            tasks.addTask {
                let body = try? await reply.body.collect(upTo: Self.longestAnswer)
                return body.map { Array($0.readableBytesView) } ?? []
            }
            tasks.addTask {
                try? await ContinuousClock().sleep(for: configuration.timeout)
                return []
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? []
        }
    }

    private func log(_ change: Delivery.Change?) {
        switch change {
        case .failed(let reason):
            logger.warning(
                "spans don't get to the collector",
                metadata: ["endpoint": "\(configuration.endpoint)", "reason": "\(reason)"]
            )
        case .works:
            logger.info("spans get to the collector again", metadata: ["endpoint": "\(configuration.endpoint)"])
        case nil:
            break
        }
    }
}
