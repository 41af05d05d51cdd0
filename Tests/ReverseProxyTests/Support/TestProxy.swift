import LlamaServer
import Logging
import NIOCore
import NIOPosix
import NameResolution
import RequestRecords
import Scheduling
import Testing

@testable import ReverseProxy

/// A reverse proxy on a loopback port, and its upstreams.
struct TestProxy: Sendable {
    let server: ReverseProxyServer
    let dispatcher: Dispatcher
    let running: ReverseProxyServer.Running
    private(set) var upstreams: [ScriptedUpstream] = []

    struct Options {
        var scheduler = Scheduler.Configuration()
        var proxy = ReverseProxyConfiguration(address: NetworkAddress(host: "127.0.0.1", port: 0))
        var threads = 1
        var names = NameResolver()
        var upstreamsRead = true

        init() {
            // A slow machine may take longer from one step of a test to the next than connections may be idle.
            proxy.timeouts.upstreamIdle = .seconds(600)
            proxy.timeouts.requestHead = .seconds(600)
            proxy.timeouts.requestBody = .seconds(600)
            proxy.timeouts.connect = .seconds(600)
            proxy.timeouts.clientIdle = .seconds(600)
            proxy.timeouts.clientWrite = .seconds(600)
            proxy.keepAliveAfter = nil
        }
    }

    func connect() async throws -> RawConnection {
        try await .connect(to: running.address)
    }

    /// A connection that has sent this.
    func client(sending text: String) async throws -> RawConnection {
        let client = try await connect()
        try await client.send(text)
        return client
    }

    /// A connection that has sent this, and the one on which the first upstream has read it.
    func ask(_ request: String = HTTP.completion()) async throws -> (RawConnection, upstream: RawConnection) {
        let client = try await client(sending: request)
        let upstream = try await upstreams[0].accept()
        _ = try await upstream.readMessage()
        return (client, upstream)
    }

    // MARK: - The fleet

    fileprivate mutating func addUpstream(slots: Int, reads: Bool) async throws {
        let upstream = try await ScriptedUpstream.start(reads: reads)
        upstreams.append(upstream)
        report(upstream, slots: slots)
    }

    /// From now on each upstream serves its own.
    func serve(_ models: [String]) {
        for (upstream, model) in zip(upstreams, models) {
            report(UpstreamRoute(address: upstream.address), slots: 1, models: [model])
        }
    }

    func report(_ upstream: ScriptedUpstream, slots: Int, _ condition: Condition = .ready) {
        report(upstream.address, slots: slots, condition)
    }

    func report(_ address: NetworkAddress, slots: Int, _ condition: Condition = .ready) {
        report(UpstreamRoute(address: address), slots: slots, condition)
    }

    func report(
        _ route: UpstreamRoute,
        slots: Int,
        _ condition: Condition = .ready,
        hasMoved: Bool = false,
        models: [String] = []
    ) {
        let now = dispatcher.now()
        dispatcher.reported(
            UpstreamReport(
                agent: AgentID(rawValue: "\(route.address)"),
                route: route,
                condition: condition,
                slots: SlotSample(total: slots, processing: 0, taken: now...now, hasMoved: hasMoved),
                models: models,
                maximumSilence: .seconds(3600)
            )
        )
    }

    // MARK: - What is going on

    /// Waits until the proxy has come to a state, which it does by itself.
    func until(_ description: String, _ condition: @Sendable (Load) -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let load = try await load()
            if condition(load) { return }
            guard ContinuousClock.now < deadline else {
                Issue.record("not \(description): \(load)")
                return
            }
            await Task.yield()
        }
    }

    /// Runs `body` on the only event loop.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (ProxyLoop) throws -> Value) async throws -> Value {
        let port = try #require(running.loops.first)
        return try await port.eventLoop.submit { try body(port.loop.value) }.get()
    }

    /// From now on, time passes for clients' connections only by ``pass(_:)``.
    func stopTime() async throws {
        for timer in running.timers { timer.cancel() }
        // A round that has begun ends.
        for _ in 0..<2 { try await onLoop { _ in } }
    }

    /// As if so much time had passed, for clients' connections.
    func pass(_ time: TimeAmount) async throws {
        try await onLoop { loop in
            for client in Array(loop.clients.values) { client.timePassed(at: .now() + time) }
        }
    }

    /// The most that the only client has to take yet, over many turns of the event loop.
    func mostUnsentBytes(turns: Int = 2000) async throws -> Int {
        var most = 0
        for _ in 0..<turns {
            let unsent = try await onLoop { $0.clients.values.first?.unsentBytes }
            most = max(most, unsent ?? 0)
        }
        return most
    }

    /// Waits until the system has none of the only client's bytes that it could send.
    func untilAcknowledged() async throws {
        var last = -1
        var turns = 0
        while turns < 100 {
            let bytes = try await onLoop { $0.clients.values.first?.unacknowledgedBytes ?? 0 }
            turns = bytes == last ? turns + 1 : 0
            last = bytes
        }
    }

    /// What ended, the last first.
    func records() async -> [RequestRecord] { await server.requests().ended }

    /// What became of the only request so far.
    func onlyRecord() async throws -> RequestRecord {
        try await until("ended") { $0.requests == 0 }
        let records = await records()
        try #require(records.count == 1)
        return records[0]
    }

    /// Whatever has become of a request, it has left one record.
    fileprivate func checkRecords() async throws {
        var begun = 0
        for port in running.loops {
            begun += try await port.eventLoop.submit { Int(port.loop.value.requestNumber) }.get()
        }
        let listing = await server.requests()
        #expect(listing.running.isEmpty && listing.runningTotal == 0)
        #expect(listing.ended.count == min(begun, RecentRequests.most))
        #expect(Set(listing.ended.map { "\($0.identifier)\($0.arrived.nanoseconds)" }).count == listing.ended.count)
        for record in listing.ended {
            #expect(record.outcome.kind != .running)
            #expect(record.ended.map { $0 >= record.arrived } == true)
            #expect(record.answerBytes >= 0 && record.waited >= 0)
        }
    }

    /// Nothing is held for anybody.
    func untilIdle() async throws {
        try await until("idle") { $0.requests == 0 && $0.waiting == 0 && $0.bytes == 0 && $0.leases + $0.queued == 0 }
    }

    struct Load: Sendable {
        var leases = 0
        var queued = 0
        var requests = 0
        var waiting = 0
        /// Connections of clients, and the streams of those that speak HTTP/2.
        var clients = 0
        /// Connections of clients that speak HTTP/2, or of which that isn't known yet.
        var fronts = 0
        var bytes = 0
        /// Upstreams to which an idle connection is kept.
        var pooled = 0
    }

    func load() async throws -> Load {
        var load = Load()
        for port in running.loops {
            let (requests, waiting, clients, fronts, bytes, pooled) = try await port.eventLoop.submit {
                let loop = port.loop.value
                return (
                    loop.activeRequests, loop.waiting.count, loop.clients.count, loop.fronts.count,
                    loop.budget.bytesHeld, loop.pools.values.count { !$0.isEmpty }
                )
            }.get()
            load.fronts += fronts
            load.requests += requests
            load.waiting += waiting
            load.clients += clients + fronts
            load.bytes = bytes
            load.pooled += pooled
        }
        let snapshot = dispatcher.snapshot()
        load.leases = snapshot.leased
        load.queued = snapshot.queued
        return load
    }
}

/// Runs `body` with a proxy that has an upstream for each number of slots; afterwards nothing may be left of anything.
func withProxy(
    slots: [Int] = [1],
    _ configure: (inout TestProxy.Options) -> Void = { _ in },
    _ body: (TestProxy) async throws -> Void
) async throws {
    var options = TestProxy.Options()
    configure(&options)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads)
    let dispatcher = Dispatcher(configuration: options.scheduler) { _, _ in }
    let server = ReverseProxyServer(
        configuration: options.proxy,
        dispatcher: dispatcher,
        group: group,
        names: options.names,
        logger: .silent
    )
    var proxy = TestProxy(server: server, dispatcher: dispatcher, running: try await server.bind())
    for count in slots { try await proxy.addUpstream(slots: count, reads: options.upstreamsRead) }
    do {
        try await body(proxy)
        try await proxy.untilIdle()
    } catch {
        Issue.record(error)
    }
    await server.close(proxy.running)
    try await proxy.until("closed") {
        $0.clients == 0 && $0.requests == 0 && $0.leases == 0 && $0.bytes == 0
    }
    try await proxy.checkRecords()
    for upstream in proxy.upstreams { try? await upstream.stop() }
    try await group.shutdownGracefully()
}

extension Dispatcher {
    /// Where a request that needs no slot would be sent.
    func anyUpstream() -> (UpstreamID, UpstreamRoute)? {
        let request = RequestID(rawValue: .max)
        guard case .send(let upstream, let route) = submitSlotless(request, avoiding: nil, arrived: now()) else {
            return nil
        }
        return (upstream, route)
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
