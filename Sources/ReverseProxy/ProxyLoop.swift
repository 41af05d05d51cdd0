import EndpointPicking
import FleetMetrics
import Logging
import NIOCore
import NameResolution
import PickRules
import ProxyExchange
import RequestRecords
import Scheduling
import Usage

/// What one event loop owns: its connections, its pools of upstream connections, its waiting requests.
///
/// Used on that event loop only; from elsewhere through ``LoopPort``. This file: what there is of it, and how it stops.
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
    var wallClockOffset = WallClock.offset()
    var endpoints = EndpointNames()
    var recent = RecentRequests()
    /// Until it is handed over, twice a second.
    var usage = UsageLedger()
    /// Of requests that ended on this loop.
    var unreturned = UnreturnedSlots()
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
    var activeRequests = 0
    /// Those among them that were let in without a key.
    var requestsWithoutKey = 0
    /// A page and its parts come over six connections; strangers can't take up a server's threads with this many.
    static let maximumWithoutKey = 16

    var clients = ConnectedClients()
    /// How many of them are streams of HTTP/2 connections.
    var streams = 0
    /// Connections of clients of which it isn't known what is spoken on them, and those that speak HTTP/2.
    var fronts: [ObjectIdentifier: ClientFront] = [:]
    /// Connections of Envoys that ask where requests go.
    var pickers: [ObjectIdentifier: PickerConnection<ClientConnection>] = [:]
    /// What Envoys carry, between two attempts.
    var awaited = AwaitedAgain<ClientConnection>()
    /// How many of them this round of ``sweep()`` has still to come to.
    var unswept = 0
    var waiting: [RequestID: ClientConnection] = [:]
    var pools: [UpstreamID: UpstreamPool] = [:]
    /// Those of all upstreams that were ever reported, the longest first, so that an endpoint behind one is known for what it
    /// is.
    var pathPrefixes: [[UInt8]] = []
    var proxyHeaderRefusals = ProxyHeaderRefusals()
    var refusalLoggedAt: NIODeadline?
    var lingering: [(connection: ClientConnection, until: NIODeadline)] = []

    /// How many requests have begun.
    var requestNumber: UInt64 = 0
    var random = SystemRandomNumberGenerator()
    private var identifierPrefix: UInt64

    var spareBuffers = SpareBuffers()
    /// Given to requests that wait on this loop, and not yet used.
    var leases: [Lease] = []
    var dirtyClients: [ClientConnection] = []
    var dirtyUpstreams: [UpstreamConnection] = []
    var isFlushScheduled = false
    var flushTask: (@Sendable () -> Void)?

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
        for picker in Array(pickers.values) { picker.leave() }
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
                || pickers.values.contains(where: \.mayAsk)
        }
    }

    /// The next request of who asks one after the other may be on its way, or in the system's hands already: it is still
    /// answered, as closing now would destroy the answer before it, too.
    private static let betweenRequests: TimeAmount = .seconds(1)

    func closeAll() {
        isClosed = true
        giveUp(awaited.takeAll())
        for client in clients.values { client.abort() }
        for picker in Array(pickers.values) { picker.end() }
        for front in Array(fronts.values) { front.abort() }
        for pool in pools.values { pool.retire() }
        let now = Instant(.now())
        for use in unreturned.giveBackAll(at: now) { usage.add(use, at: now.nanoseconds + wallClockOffset) }
        handUsageOver()
        // It holds on to this loop.
        flushTask = nil
    }

    /// The time, at most ``sweepInterval`` old: cheap enough to be kept for each piece of a body.
    var sweptAt = NIODeadline.now()

    static let sweepInterval: TimeAmount = .milliseconds(500)
}
