// Hot path: `write…` and the flush run for every relayed chunk. Nothing here may allocate per chunk or wait.

import FleetMetrics
import LlamaServer
import Logging
import NIOCore
import NIOPosix
import NameResolution
import ProxyExchange
import RequestRecords
import Scheduling
import TransportSecurity
import Usage

/// What one event loop owns: its connections, its pools of upstream connections, its waiting requests.
///
/// Used on that event loop only; from elsewhere through ``LoopPort``.
final class ProxyLoop {
    let index: Int
    let eventLoop: any EventLoop
    let configuration: ReverseProxyConfiguration
    let dispatcher: Dispatcher
    let budget: ByteBudget
    let connections: ConnectionCount
    let tls: UpstreamTLS
    let names: NameResolver
    let logger: Logger
    let name: ProxyName
    let crossOrigins: SharedCrossOriginPolicy
    let refusals: RefusalLog
    let exchangeLimits: Exchange.Limits
    private var date = DateLine()
    /// What is ahead of this loop's clock on the wall's, in nanoseconds; looked up twice a second.
    private(set) var wallClockOffset = WallClock.offset()
    var endpoints = EndpointNames()
    private(set) var recent = RecentRequests()
    /// Until it is handed over, twice a second.
    private var usage = UsageLedger()
    /// Of requests that ended on this loop.
    private(set) var unreturned = UnreturnedSlots()
    /// What this loop has counted, but for what the pools have.
    var metrics = ProxyMetrics()

    enum Stage: Comparable {
        case serving
        /// Another process gets the new connections: answers end their connections, so that clients go there.
        case passedOn
        /// A graceful stop began: answers end their connections, and new requests are refused.
        case draining
    }

    /// What is said on a connection that is kept: for how long. Nothing on one that isn't kept for a second.
    let keepAliveFields: [UInt8]

    private(set) var stage = Stage.serving
    private(set) var isClosed = false
    /// Requests begun and not ended.
    private(set) var activeRequests = 0
    /// Those among them that were let in without a key.
    private var requestsWithoutKey = 0
    /// A page and its parts come over six connections; strangers can't take up a server's threads with this many.
    static let maximumWithoutKey = 16

    private(set) var clients = ConnectedClients()
    /// How many of them are streams of HTTP/2 connections.
    private(set) var streams = 0
    /// Connections of clients of which it isn't known what is spoken on them, and those that speak HTTP/2.
    private(set) var fronts: [ObjectIdentifier: ClientFront] = [:]
    /// How many of them this round of ``sweep()`` has still to come to.
    private var unswept = 0
    private(set) var waiting: [RequestID: ClientConnection] = [:]
    private(set) var pools: [UpstreamID: UpstreamPool] = [:]
    /// Those of all upstreams that were ever reported, the longest first, so that an endpoint behind one is known for what it
    /// is.
    private(set) var pathPrefixes: [[UInt8]] = []
    var proxyHeaderRefusals = ProxyHeaderRefusals()
    private var refusalLoggedAt: NIODeadline?
    private static let refusalLogInterval: TimeAmount = .seconds(10)
    private var lingering: [(connection: ClientConnection, until: NIODeadline)] = []

    /// How many requests have begun.
    private(set) var requestNumber: UInt64 = 0
    private var random = SystemRandomNumberGenerator()
    private var identifierPrefix: UInt64

    var spareBuffers = SpareBuffers()
    /// Given to requests that wait on this loop, and not yet used.
    private var leases: [Lease] = []
    private var dirtyClients: [ClientConnection] = []
    private var dirtyUpstreams: [UpstreamConnection] = []
    private var isFlushScheduled = false
    private var flushTask: (@Sendable () -> Void)?

    init(
        index: Int,
        eventLoop: any EventLoop,
        configuration: ReverseProxyConfiguration,
        dispatcher: Dispatcher,
        budget: ByteBudget,
        connections: ConnectionCount,
        tls: UpstreamTLS,
        names: NameResolver,
        logger: Logger,
        name: ProxyName = ProxyName(),
        crossOrigins: SharedCrossOriginPolicy = SharedCrossOriginPolicy(),
        refusals: RefusalLog? = nil
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.dispatcher = dispatcher
        self.budget = budget
        self.connections = connections
        self.tls = tls
        self.names = names
        self.logger = logger
        self.name = name
        self.crossOrigins = crossOrigins
        self.refusals = refusals ?? RefusalLog(logger: logger)
        self.exchangeLimits = Exchange.Limits(
            attemptsAfterSend: configuration.maximumAttemptsAfterSend,
            connect: configuration.timeouts.connect
        )
        self.identifierPrefix = random.next()
        let seconds = configuration.timeouts.clientIdle.components.seconds
        let field = seconds > 0 ? "\r\nKeep-Alive: timeout=\(seconds)" : ""
        self.keepAliveFields = Array("\r\nConnection: keep-alive\(field)".utf8)
    }

    // MARK: - Clients

    func opened(_ connection: ClientConnection) {
        // Accepted while the listener was being closed.
        guard !isClosed else { return connection.close() }
        clients.add(connection)
        if connection.isStream { streams += 1 }
        switch connection.admission ?? admit(isStream: connection.isStream) {
        case .served: break
        case .refused: connection.refuseUnfinished(.tooManyConnections(limit: connections.limit))
        case .dropped: connection.reset()
        }
    }

    /// One more connection, or one more stream of one: each may have an upstream's connection for itself.
    func admit(isStream: Bool = false) -> ConnectionCount.Admission {
        if !isStream { metrics.clientsAccepted += 1 }
        let admission = connections.clientOpened()
        if admission != .served {
            metrics.clientsRefused += 1
            logRefusal()
        }
        return admission
    }

    func add(_ front: ClientFront) {
        fronts[ObjectIdentifier(front)] = front
    }

    func closed(_ front: ClientFront) {
        if fronts.removeValue(forKey: ObjectIdentifier(front)) != nil { connections.clientClosed() }
    }

    /// A ``ClientConnection`` takes its place among the connections.
    func replaced(_ front: ClientFront) {
        fronts[ObjectIdentifier(front)] = nil
    }

    /// Puts TLS in front of a client's connection, if clients speak it.
    ///
    /// - Returns: nil: they don't.
    func secure(_ channel: any Channel) throws -> TLSFront? {
        try configuration.certificates?.secure(channel, limit: TimeAmount(configuration.timeouts.requestHead)) {
            [self] end in handshakeEnded(end)
        }
    }

    /// Adds what serves a client's connection.
    ///
    /// - Parameter front: of its TLS; nil: it speaks none.
    func serve(_ channel: any Channel, behind front: TLSFront?) throws {
        let pipeline = channel.pipeline.syncOperations
        if front != nil || configuration.speaksHTTP2WithoutTLS {
            try pipeline.addHandler(ClientFront(loop: self, tls: front))
        } else {
            try pipeline.addHandler(ClientConnection(loop: self))
        }
    }

    private func handshakeEnded(_ end: HandshakeEnd) {
        switch end {
        case .completed:
            metrics.handshakes[.completed, default: 0] += 1
        case .plainRequest:
            metrics.handshakes[.plainRequest, default: 0] += 1
            refusals.add(.withoutTLS)
        case .timedOut:
            metrics.handshakes[.timedOut, default: 0] += 1
        case .failed(let reason), .certificateRefused(let reason):
            metrics.handshakes[.failed, default: 0] += 1
            logger.debug("TLS handshake failed", metadata: ["reason": "\(reason)"])
        }
    }

    func closed(_ connection: ClientConnection) {
        guard clients.remove(connection) else { return }
        if connection.isStream { streams -= 1 }
        connections.clientClosed()
    }

    /// Once in a while: where there are too many clients there are many of them.
    private func logRefusal() {
        let now = NIODeadline.now()
        if let refusalLoggedAt, now - refusalLoggedAt < Self.refusalLogInterval { return }
        refusalLoggedAt = now
        logger.warning(
            "clients are refused: all connections are in use",
            metadata: ["max_connections": "\(connections.limit)", "refused": "\(metrics.clientsRefused)"]
        )
    }

    func beginRequest() -> RequestID {
        activeRequests += 1
        requestNumber += 1
        return RequestID(loopIndex: index, number: requestNumber)
    }

    /// - Parameter parent: what the client of the request that begins says of its trace.
    /// - Returns: nil: it isn't traced.
    func beginCourse(under parent: TraceParent?) -> RequestCourse? {
        configuration.tracedRequests?.begin(under: parent, using: &random)
    }

    /// - Parameter record: taken, and any one afterwards.
    func endRequest(_ record: inout RequestRecord) {
        activeRequests -= 1
        configuration.accessLog?.add(record)
        if configuration.usage != nil {
            usage.add(record)
            if isClosed { handUsageOver() }
        }
        recent.take(&record)
    }

    /// Of a request that ends, so many slots are given back later.
    func keepsSlots(_ count: Int, of request: RequestID, _ record: borrowing RequestRecord) {
        // Nobody would say when.
        guard configuration.usage != nil, !isClosed else { return }
        unreturned.add(count, of: request, record)
    }

    /// As soon as the handler that caused it has come to its end: it may be the one in which their request ends.
    func giveBackSlotsLater(_ count: Int, of request: RequestID) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.slotsGivenBack(count, of: request) }
    }

    /// If they were in use after the end of their request, that counts, too.
    func slotsGivenBack(_ count: Int, of request: RequestID) {
        guard !unreturned.isEmpty else { return }
        let now = Instant(.now())
        guard let use = unreturned.giveBack(count, of: request, at: now) else { return }
        usage.add(use, at: now.nanoseconds + wallClockOffset)
    }

    private func handUsageOver() {
        guard let store = configuration.usage, !usage.isEmpty else { return }
        store.add(usage.takeAll())
    }

    /// - Returns: false if there are enough of them.
    func beginWithoutKey() -> Bool {
        guard requestsWithoutKey < Self.maximumWithoutKey else { return false }
        requestsWithoutKey += 1
        return true
    }

    func endWithoutKey() {
        requestsWithoutKey -= 1
    }

    /// The `Date` field of an answer that is given now.
    func dateLine() -> [UInt8] {
        date.update()
        return date.bytes
    }

    /// Unique to this process for certain, and to all others as surely as 64 random bits are.
    func makeIdentifier() -> RequestIdentifier {
        .made(identifierPrefix, UInt64(index) << 48 | requestNumber)
    }

    func passOn() {
        stage = max(stage, .passedOn)
        sendFrontsAway()
    }

    func drain() {
        stage = .draining
        sendFrontsAway()
    }

    private func sendFrontsAway() {
        let now = NIODeadline.now()
        for front in Array(fronts.values) { front.passOn(at: now) }
    }

    /// Whether somebody still gets an answer, or the end of one, or may ask for one.
    var isBusy: Bool {
        let moment = NIODeadline.now() - Self.betweenRequests
        return switch stage {
        case .serving, .passedOn: !clients.isEmpty || !fronts.isEmpty
        case .draining:
            activeRequests > 0
                || clients.values.contains { $0.isFinishing || $0.link.mayAsk(since: Instant(moment)) }
                || fronts.values.contains { $0.isBusy(since: moment) }
        }
    }

    /// The next request of who asks one after the other may be on its way, or in the system's hands already: it is still
    /// answered, as closing now would destroy the answer before it, too.
    private static let betweenRequests: TimeAmount = .seconds(1)

    func closeAll() {
        isClosed = true
        for client in clients.values { client.abort() }
        for front in Array(fronts.values) { front.abort() }
        for pool in pools.values { pool.retire() }
        let now = Instant(.now())
        for use in unreturned.giveBackAll(at: now) { usage.add(use, at: now.nanoseconds + wallClockOffset) }
        handUsageOver()
        // It holds on to this loop.
        flushTask = nil
    }

    /// The connection's output is shut and what still comes in is thrown away, for a while, so that the client can read
    /// its answer before a reset destroys it.
    func linger(_ connection: ClientConnection) {
        lingering.append((connection, .now() + Self.lingeringTime))
    }

    // MARK: - Waiting requests

    func wait(_ request: RequestID, _ connection: ClientConnection) {
        waiting[request] = connection
    }

    func leave(_ request: RequestID) {
        waiting[request] = nil
    }

    /// As soon as the handler that caused it has come to its end.
    func dispatchLater(_ lease: Lease) {
        leases.append(lease)
        scheduleFlush()
    }

    func dispatched(_ lease: Lease) {
        guard let connection = waiting.removeValue(forKey: lease.request) else {
            // The client left while this was on its way here.
            dispatcher.finished(lease, .clientLeft(runsOn: .no))
            return
        }
        connection.send(to: .slot(lease))
    }

    /// The client of a request that needs no slot may have left meanwhile.
    func serverFound(for request: RequestID, _ upstream: UpstreamID, _ route: UpstreamRoute) {
        waiting.removeValue(forKey: request)?.send(to: .free(upstream, route))
    }

    func rejected(_ request: RequestID, _ rejection: Rejection) {
        waiting.removeValue(forKey: request)?.refuse(rejection)
    }

    // MARK: - Upstream connections

    func learn(_ prefix: PathPrefix) {
        let bytes = Array(prefix.text.utf8)
        guard !pathPrefixes.contains(bytes) else { return }
        pathPrefixes.append(bytes)
        pathPrefixes.sort { $0.count > $1.count }
    }

    func pool(for upstream: UpstreamID, by route: UpstreamRoute) -> UpstreamPool {
        if let pool = pools[upstream] {
            if pool.route == route { return pool }
            // It is reached in another way now.
            retire(pool)
        }
        let pool = UpstreamPool(upstream: upstream, route: route, configuration: configuration)
        pools[upstream] = pool
        return pool
    }

    private func retire(_ pool: UpstreamPool) {
        pools[pool.upstream] = nil
        pool.retire()
        metrics.former.add(pool.metrics)
    }

    func connect(to pool: UpstreamPool, then body: @escaping (Result<UpstreamConnection, any Error>) -> Void) {
        let bound = NIOLoopBound((loop: self, pool: pool), eventLoop: eventLoop)
        pool.metrics.connectionsOpened += 1
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.timeouts.connect))
            .proxyOptions(isTCP: pool.route.address.socketPath == nil)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (loop, pool) = bound.value
                    let pipeline = channel.pipeline.syncOperations
                    if pool.route.usesTLS { try pipeline.addHandler(loop.tls.handler(for: pool.route)) }
                    try pipeline.addHandler(UpstreamConnection(pool: pool, loop: loop))
                }
            }
        connected(bootstrap, to: pool.route.address, pool.socketAddress).assumeIsolated()
            .flatMapThrowing { channel in
                try channel.pipeline.syncOperations.handler(type: UpstreamConnection.self)
            }
            .whenComplete { result in
                switch result {
                case .success(let connection): connection.whenReady(body)
                case .failure(let error): body(.failure(error))
                }
            }
    }

    /// What the lookup of a name takes isn't counted as time of connecting.
    ///
    /// - Parameter socketAddress: the same address, unless its host is a name.
    func connected(
        _ bootstrap: ClientBootstrap,
        to address: NetworkAddress,
        _ socketAddress: SocketAddress?
    ) -> EventLoopFuture<any Channel> {
        if let socketAddress { return bootstrap.connect(to: socketAddress) }
        return names.addresses(of: address.host, port: address.port, on: eventLoop).assumeIsolated()
            .flatMap { [eventLoop, names] addresses in
                let connected = bootstrap.resolver(ResolvedName(addresses, on: eventLoop))
                    .connect(host: address.host, port: address.port)
                connected.whenFailure { _ in names.doubt(address.host) }
                return connected
            }
            .nonisolated()
    }

    // MARK: - Time

    /// Ends what has been idle or lingering for too long.
    func sweep() {
        let now = NIODeadline.now()
        let idleSince = now - TimeAmount(configuration.timeouts.upstreamIdle) + Self.sweepInterval
        for pool in pools.values {
            for connection in pool.takeIdle(since: idleSince) { connection.close() }
        }
        for upstream in dispatcher.unknown(of: pools.values.lazy.filter(\.isEmpty).map(\.upstream)) {
            if let pool = pools[upstream] { retire(pool) }
        }
        let overdue = lingering.filter { $0.until <= now }
        lingering.removeAll { $0.until <= now }
        for entry in overdue { entry.connection.close() }
        sweptAt = now
        wallClockOffset = WallClock.offset()
        refusals.sayDue(at: now)
        handUsageOver()
        for front in Array(fronts.values) { front.timePassed(at: now) }
        // A round that hasn't come to its end goes on.
        guard unswept == 0 else { return }
        unswept = clients.count
        sweepClients()
    }

    /// A part of them in each turn of the event loop: who is served by it doesn't wait for all.
    private func sweepClients() {
        let end = max(0, unswept - Self.clientsPerTurn)
        while unswept > end {
            unswept -= 1
            if unswept < clients.count { clients.values[unswept].timePassed(at: sweptAt) }
        }
        guard unswept > 0, !isClosed else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.sweepClients() }
    }

    private static let clientsPerTurn = 1024

    /// The time, at most ``sweepInterval`` old: cheap enough to be kept for each piece of a body.
    private(set) var sweptAt = NIODeadline.now()

    static let sweepInterval: TimeAmount = .milliseconds(500)
    /// As nginx's `lingering_timeout`: a client on a slow line needs some seconds to take what was sent before it closes.
    private static let lingeringTime: TimeAmount = .seconds(5)

    // MARK: - Writing

    /// Flushing once at the end of the tick, instead of at each write, saves a system call whenever several chunks for
    /// one connection arrive together, and lets the kernel wake peers in one go: 7 % per event, measured.
    func flushLater(_ connection: ClientConnection) {
        dirtyClients.append(connection)
        scheduleFlush()
    }

    func flushLater(_ connection: UpstreamConnection) {
        dirtyUpstreams.append(connection)
        scheduleFlush()
    }

    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        if let flushTask {
            eventLoop.execute(flushTask)
            return
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let task: @Sendable () -> Void = { bound.value.flush() }
        flushTask = task
        eventLoop.execute(task)
    }

    /// Requests go out first: a slot stands idle until its next one is there.
    ///
    /// A flush that fails ends its channel synchronously, whose handlers may write to others: so the lists are walked by
    /// index and may grow meanwhile.
    private func flush() {
        var index = 0
        while index < leases.count {
            dispatched(leases[index])
            index += 1
        }
        leases.removeAll(keepingCapacity: true)
        index = 0
        while index < dirtyUpstreams.count {
            dirtyUpstreams[index].flush()
            index += 1
        }
        dirtyUpstreams.removeAll(keepingCapacity: true)
        index = 0
        while index < dirtyClients.count {
            dirtyClients[index].flush()
            index += 1
        }
        dirtyClients.removeAll(keepingCapacity: true)
        isFlushScheduled = false
        // What was to be done after its turn.
        if !leases.isEmpty || !dirtyUpstreams.isEmpty || !dirtyClients.isEmpty { scheduleFlush() }
    }
}
