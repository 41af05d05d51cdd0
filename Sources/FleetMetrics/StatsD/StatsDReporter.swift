import LlamaServer
public import Logging
public import NIOCore
public import NameResolution
public import ServiceLifecycle

/// Sends a report at once, then one at every interval, and one last when the balancer stops.
///
/// Whether anybody listens makes no difference to the balancer: what can't be sent is tried again at the next interval,
/// with everything that has been counted since, and the log says so once.
public struct StatsDReporter: Service {
    /// Shorter ones are lengthened to this.
    static let shortestInterval: Duration = .milliseconds(10)

    private let configuration: StatsDConfiguration
    private let group: any EventLoopGroup
    private let names: NameResolver
    private let reading: @Sendable () async -> MetricsReading
    private let logger: Logger

    /// - Parameters:
    ///   - group: one of whose event loops carries the socket.
    ///   - names: where the server's name is looked up, for each report anew: a datagram to an address that nobody has any
    ///     more is lost without a word.
    ///   - reading: what is to be reported, at the moment of the call.
    public init(
        configuration: StatsDConfiguration,
        group: any EventLoopGroup,
        names: NameResolver = NameResolver(),
        logger: Logger,
        reading: @escaping @Sendable () async -> MetricsReading
    ) {
        self.configuration = configuration
        self.group = group
        self.names = names
        self.reading = reading
        self.logger = logger
    }

    /// Reports until a graceful shutdown or cancellation.
    public func run() async {
        let interval = max(configuration.interval, Self.shortestInterval)
        let clock = ContinuousClock()
        var next = clock.now
        var state = State()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await report(&state)
            // A late one moves none of those after it, unless it is later than the next.
            next = max(next + interval, clock.now)
            await cancelWhenGracefulShutdown { [next] in try? await clock.sleep(until: next) }
        }
        if !Task.isCancelled { await report(&state) }
        await state.socket?.close()
    }

    private struct State {
        var socket: StatsDSocket?
        /// What the last report was made of that nobody complained of. The next one tells what has come since.
        var settled: MetricsReading?
        /// What the last one was made of that was sent.
        var sent: MetricsReading?
        var reachability = StatsDReachability()
    }

    private func report(_ state: inout State) async {
        let refusal = await state.socket?.takeFailure()
        if refusal == nil { state.settled = state.sent }
        let reading = await reading()
        var failure = refusal
        do {
            try await send(reading, &state, anew: refusal != nil)
            state.sent = reading
        } catch {
            failure = error
            state.sent = state.settled
        }
        log(state.reachability.reported(failure: failure.map { StatsDFailure.inWords($0) }))
    }

    /// - Parameter anew: by another socket.
    private func send(_ reading: MetricsReading, _ state: inout State, anew: Bool) async throws {
        let addresses = try await addresses()
        if let open = state.socket, anew || !addresses.contains(open.address) {
            await open.close()
            state.socket = nil
        }
        guard let address = addresses.first else { throw NameLookupFailure.unknown(configuration.address.host) }
        let socket =
            if let open = state.socket { open } else { try await StatsDSocket(to: address, group: group) }
        state.socket = socket
        let report = StatsDReport(
            reading,
            since: state.settled,
            prefix: configuration.prefix,
            tags: configuration.tags
        )
        for datagram in report.datagrams() { try await socket.send(datagram) }
    }

    private func addresses() async throws -> [SocketAddress] {
        let (host, port) = (configuration.address.host, configuration.address.port)
        if let address = try? SocketAddress(ipAddress: host, port: port) { return [address] }
        return try await names.addresses(of: host, port: port, on: group.next()).get()
    }

    private func log(_ change: StatsDReachability.Change?) {
        switch change {
        case .lost(let reason):
            logger.warning(
                "StatsD server not reached; trying again with every report",
                metadata: ["address": "\(configuration.address)", "reason": "\(reason)"]
            )
        case .found:
            logger.info("StatsD server reached again", metadata: ["address": "\(configuration.address)"])
        case nil:
            break
        }
    }
}
