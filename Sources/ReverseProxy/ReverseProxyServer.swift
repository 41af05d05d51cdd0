public import FleetMetrics
public import LlamaServer
public import Logging
public import NIOCore
import NIOPosix
public import NameResolution
public import RequestRecords
import Scheduling
import Synchronization

/// The data plane's listener.
public final class ReverseProxyServer: Sendable {
    private let configuration: ReverseProxyConfiguration
    private let dispatcher: Dispatcher
    private let budget: ByteBudget
    private let connections: ConnectionCount
    private let group: any EventLoopGroup
    private let names: NameResolver
    private let logger: Logger
    private let name = ProxyName()
    private let crossOrigins = SharedCrossOriginPolicy()
    private let refusals: RefusalLog
    /// While it runs.
    private let loops = Mutex<[LoopPort]>([])

    /// What exists between ``bind()`` and ``close(_:)``.
    public struct Running: Sendable {
        /// Where it listens: the actual port if port 0 was asked for.
        public let address: NetworkAddress
        let channel: any Channel
        /// Where Envoys ask; nil: nowhere.
        public fileprivate(set) var pickerAddress: NetworkAddress?
        fileprivate(set) var picker: (any Channel)?
        let loops: [LoopPort]
        let timers: [RepeatedTask]

        fileprivate var listeners: [any Channel] { [channel] + (picker.map { [$0] } ?? []) }
    }

    /// - Parameters:
    ///   - group: whose event loops carry the connections, each on one of them for its whole life.
    ///   - names: where upstreams' names are looked up.
    public init(
        configuration: ReverseProxyConfiguration,
        dispatcher: Dispatcher,
        group: any EventLoopGroup,
        names: NameResolver = NameResolver(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.budget = ByteBudget(
            limit: max(configuration.maximumBufferedBytes, configuration.maximumBodyBytes + Self.largestHeads)
        )
        self.connections = ConnectionCount(limit: configuration.maximumConnections)
        self.dispatcher = dispatcher
        self.group = group
        self.names = names
        self.logger = logger
        self.refusals = RefusalLog(logger: logger)
    }

    /// In bytes: a head as it came and as it goes to an upstream, with all that is added to it, and a read beside them.
    private static let largestHeads = 4 << 16

    /// Starts to listen and to serve.
    ///
    /// - Throws: what the system says, for example that the address is in use.
    public func bind() async throws -> Running {
        let loops = try await makeLoops()
        dispatcher.attach(loops)
        self.loops.withLock { $0 = loops }
        let byEventLoop = Self.byEventLoop(loops)
        // One acceptor that hands connections out in turn, instead of a listener per loop with SO_REUSEPORT: few
        // connections spread evenly, and a second balancer on the same port is told so instead of taking half of them.
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(SharedPort.isAllowed), value: configuration.sharesPort ? 1 : 0)
            .proxyChildOptions()
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = byEventLoop[ObjectIdentifier(channel.eventLoop)] else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveBuffers(loop))
                    try loop.value.expectProxyHeader(on: channel)
                    let front = try loop.value.secure(channel)
                    try loop.value.serve(channel, behind: front)
                }
            }
            .bind(host: configuration.address.host, port: configuration.address.port)
            .get()
        if configuration.sharesPort { try await SharedPort.first.takesConnections(of: channel) }
        let port = channel.localAddress?.port ?? configuration.address.port
        return Running(
            address: NetworkAddress(host: configuration.address.host, port: port),
            channel: channel,
            loops: loops,
            timers: makeTimers(loops)
        )
    }

    /// Starts to listen for Envoys that ask where requests go, too. Does nothing if none are to.
    ///
    /// - Throws: what the system says, for example that the address is in use.
    public func bindPicker(_ running: Running) async throws -> Running {
        guard let address = configuration.picker else { return running }
        let byEventLoop = Self.byEventLoop(running.loops)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(SharedPort.isAllowed), value: configuration.sharesPort ? 1 : 0)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = byEventLoop[ObjectIdentifier(channel.eventLoop)] else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    try loop.value.securePicker(channel)
                    try loop.value.servePicker(channel)
                }
            }
            .bind(host: address.host, port: address.port)
            .get()
        if configuration.sharesPort { try await SharedPort.first.takesConnections(of: channel) }
        var running = running
        running.picker = channel
        running.pickerAddress = NetworkAddress(host: address.host, port: channel.localAddress?.port ?? address.port)
        return running
    }

    private static func byEventLoop(_ loops: [LoopPort]) -> [ObjectIdentifier: NIOLoopBound<ProxyLoop>] {
        Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0.loop) })
    }

    private func makeLoops() async throws -> [LoopPort] {
        let tls = try UpstreamTLS(caFile: configuration.upstreamCAFile)
        var ports: [LoopPort] = []
        for (index, eventLoop) in group.makeIterator().enumerated() {
            let port = try await eventLoop.submit {
                [
                    configuration, dispatcher, budget, connections, names, logger, name, crossOrigins, refusals,
                ] in
                let loop = ProxyLoop(
                    index: index,
                    eventLoop: eventLoop,
                    configuration: configuration,
                    dispatcher: dispatcher,
                    budget: budget,
                    connections: connections,
                    tls: tls,
                    names: names,
                    logger: logger,
                    name: name,
                    crossOrigins: crossOrigins,
                    refusals: refusals
                )
                return LoopPort(eventLoop: eventLoop, loop: NIOLoopBound(loop, eventLoop: eventLoop))
            }.get()
            ports.append(port)
        }
        return ports
    }

    /// How often it is looked what is due. A deadline that was nearer than this when it was set may be overshot by so much:
    /// no defaults are. A process that nobody uses is woken up no more often.
    private static let roundInterval: TimeAmount = .milliseconds(100)
    /// How far other deadlines may be overshot, so that those that are close together are seen to together.
    private static let tickInterval: TimeAmount = .milliseconds(20)

    /// - Parameter end: when this round ends.
    private static func passTime(_ dispatcher: Dispatcher, on eventLoop: any EventLoop, until end: NIODeadline) {
        guard let next = dispatcher.tick() else { return }
        let due = NIODeadline.uptimeNanoseconds(UInt64(clamping: next.nanoseconds))
        let tick = max(due, .now() + tickInterval)
        guard tick < end else { return }
        eventLoop.scheduleTask(deadline: tick) { passTime(dispatcher, on: eventLoop, until: end) }
    }

    private func makeTimers(_ loops: [LoopPort]) -> [RepeatedTask] {
        var timers = loops.map { port in
            port.eventLoop.scheduleRepeatedTask(
                initialDelay: ProxyLoop.sweepInterval,
                delay: ProxyLoop.sweepInterval
            ) { _ in port.loop.value.sweep() }
        }
        if let first = loops.first {
            let eventLoop = first.eventLoop
            timers.append(
                eventLoop.scheduleRepeatedTask(initialDelay: Self.roundInterval, delay: Self.roundInterval) {
                    [dispatcher] _ in Self.passTime(dispatcher, on: eventLoop, until: .now() + Self.roundInterval)
                }
            )
        }
        return timers
    }

    // MARK: - Measuring

    /// What all event loops have counted so far. Takes a turn of each.
    public func metrics() async -> ProxyMetrics {
        var sum = ProxyMetrics()
        for port in loops.withLock({ $0 }) {
            if let part = try? await port.eventLoop.submit({ port.loop.value.measured() }).get() { sum.add(part) }
        }
        return sum
    }

    /// What is under way on all event loops, and what ended last. Takes a turn of each.
    public func requests() async -> RequestListing {
        var listing = RequestListing()
        for port in loops.withLock({ $0 }) {
            let part = try? await port.eventLoop.submit {
                var part = RequestListing()
                port.loop.value.list(into: &part)
                return part
            }.get()
            if let part { listing.add(running: part.running, of: part.runningTotal, ended: part.ended) }
        }
        listing.sort()
        return listing
    }

    /// What each tenant has under way on all event loops. Takes a turn of each.
    public func standings() async -> TenantStandings {
        var standings = TenantStandings()
        for port in loops.withLock({ $0 }) {
            if let part = try? await port.eventLoop.submit({ port.loop.value.standings() }).get() {
                standings.add(part)
            }
        }
        return standings
    }

    /// Bytes of requests that are held now, heads and bodies.
    public var bytesHeld: Int { budget.bytesHeld }

    // MARK: - Sharing the port

    /// From now on what is known of the fleet stands, whether its agents go or fall silent: they have gone to another
    /// balancer.
    public func holdFleet() {
        dispatcher.holdFleet()
    }

    /// Of the processes that listen on this port, the one that began first gets the new connections.
    public func keepPort(_ running: Running) async throws {
        for channel in running.listeners { try await SharedPort.first.takesConnections(of: channel) }
    }

    /// The one that began second gets them, and clients go there when they have been answered here. Returns when those that
    /// were just connecting are accepted.
    public func passPortOn(_ running: Running) async throws {
        // First, so that clients go even if the system can't be told.
        for port in running.loops {
            port.eventLoop.execute { port.loop.value.passOn() }
        }
        for channel in running.listeners { try await SharedPort.second.takesConnections(of: channel) }
        try await Task.sleep(for: Self.handshakeLimit)
    }

    /// A client that has been answered by our system acknowledges within a round trip, or the answer is said again. A time,
    /// since the system doesn't say how many connections are being made.
    private static let handshakeLimit: Duration = .seconds(1)

    // MARK: - Stopping

    /// Stops gracefully: no new connections, 503 for new requests; the queue and running answers get
    /// ``ProxyTimeouts/shutdown`` to end. Returns when they have, or when that time is over.
    ///
    /// - Parameter isPassedOn: after ``passPortOn(_:)``. Who is still connected may ask until then, and is answered.
    public func drain(_ running: Running, isPassedOn: Bool = false) async {
        if !isPassedOn {
            dispatcher.stopAccepting()
            for port in running.loops {
                port.eventLoop.execute { port.loop.value.drain() }
            }
        }
        for channel in running.listeners { channel.close(promise: nil) }
        let clock = ContinuousClock()
        let deadline = clock.now + configuration.timeouts.shutdown
        while await isBusy(running), clock.now < deadline, !Task.isCancelled {
            try? await clock.sleep(for: .milliseconds(50))
        }
        dispatcher.rejectAll()
    }

    /// Ends every connection, whatever goes on in it.
    public func close(_ running: Running) async {
        for timer in running.timers { timer.cancel() }
        for channel in running.listeners { try? await channel.close() }
        for port in running.loops {
            try? await port.eventLoop.submit { port.loop.value.closeAll() }.get()
        }
        names.end()
    }

    private func isBusy(_ running: Running) async -> Bool {
        for port in running.loops {
            let isBusy = try? await port.eventLoop.submit { port.loop.value.isBusy }.get()
            if isBusy == true { return true }
        }
        return false
    }
}

extension ServerBootstrap {
    fileprivate func proxyChildOptions() -> ServerBootstrap {
        childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
    }
}

extension ClientBootstrap {
    /// Kept and used again for each piece of an answer, so that none is allocated for a token; an event fits in the
    /// smallest, big answers grow it.
    private static var keptBuffer: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 1024, maximum: 65536)
    }

    /// - Parameter isTCP: a UNIX domain socket knows no options of TCP.
    func proxyOptions(isTCP: Bool) -> ClientBootstrap {
        let bootstrap = channelOption(.recvAllocator, value: Self.keptBuffer)
        return isTCP ? bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1) : bootstrap
    }
}
