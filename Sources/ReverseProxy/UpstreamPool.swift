import FleetMetrics
import LlamaServer
import NIOCore
import Scheduling

/// One event loop's idle connections to one upstream, and what it has seen of it.
///
/// Last in, first out: the connection used last is the least likely to be near its idle limit, and those that aren't
/// needed any more age and go.
final class UpstreamPool {
    let upstream: UpstreamID
    let route: UpstreamRoute
    /// Set when the host is a literal address, or a socket; a name is resolved for each connection.
    let socketAddress: SocketAddress?
    /// nil: requests are passed on as they came.
    let ownLines: UpstreamLines?
    var metrics = UpstreamMetrics()
    /// Another pool has taken its place, or its upstream is no more: nothing is kept any longer.
    private(set) var isRetired = false
    private var idle: [UpstreamConnection] = []
    /// Connections that their upstream may be closing, oldest first.
    private var resting: [UpstreamConnection] = []
    /// After so long they are open.
    private let rest: TimeAmount
    /// What people call its upstream, as far as it was asked.
    private var name: (text: String?, askedAt: NIODeadline)?

    /// More than any llama-server has threads to keep connections open with.
    private static let maximumIdle = 256

    init(upstream: UpstreamID, route: UpstreamRoute, configuration: ReverseProxyConfiguration) {
        self.upstream = upstream
        self.route = route
        self.socketAddress = SocketAddress(literal: route.address)
        self.ownLines = UpstreamLines(for: route, configuration)
        rest = TimeAmount(configuration.timeouts.upstreamRest)
    }

    var isEmpty: Bool { idle.isEmpty && resting.isEmpty }

    /// What people call its upstream, or called it some seconds ago: agents rarely change their names, and asking takes the
    /// scheduler's lock.
    func name(at now: NIODeadline, from dispatcher: Dispatcher) -> String? {
        if let name, now - name.askedAt < Self.nameLifetime { return name.text }
        // Of one that has just gone the last one is known.
        let text = dispatcher.named(upstream)?.word ?? name?.text
        name = (text, now)
        return text
    }

    private static let nameLifetime = TimeAmount.seconds(10)

    func take(at now: NIODeadline) -> UpstreamConnection? {
        endRests(at: now)
        while let connection = idle.popLast() {
            if connection.isActive { return connection }
        }
        return nil
    }

    /// - Parameter mayBeClosing: nothing is sent on it before that is known.
    /// - Returns: false if there are enough already; the caller closes the connection.
    func put(_ connection: UpstreamConnection, mayBeClosing: Bool) -> Bool {
        guard !isRetired, idle.count + resting.count < Self.maximumIdle else { return false }
        if mayBeClosing { resting.append(connection) } else { idle.append(connection) }
        return true
    }

    func remove(_ connection: UpstreamConnection) {
        idle.removeAll { $0 === connection }
        resting.removeAll { $0 === connection }
    }

    private func endRests(at now: NIODeadline) {
        guard !resting.isEmpty else { return }
        let count = resting.prefix { $0.idleSince + rest <= now }.count
        idle += resting.prefix(count)
        resting.removeFirst(count)
    }

    /// Takes out what has been idle since before `deadline`, oldest first.
    func takeIdle(since deadline: NIODeadline) -> [UpstreamConnection] {
        endRests(at: deadline)
        let count = idle.prefix { $0.idleSince <= deadline }.count
        guard count > 0 else { return [] }
        defer { idle.removeFirst(count) }
        return Array(idle.prefix(count))
    }

    /// Where one connection broke, others that were opened before may be as dead: the next request opens one of its own, and
    /// is not lost if it can't.
    func closeIdle() {
        let open = idle + resting
        (idle, resting) = ([], [])
        for connection in open { connection.close() }
    }

    /// Closes what is idle, and lets nothing become so.
    func retire() {
        isRetired = true
        closeIdle()
    }
}

extension SocketAddress {
    /// nil: its host is a name, which has to be looked up.
    init?(literal address: NetworkAddress) {
        do {
            if let path = address.socketPath {
                try self.init(unixDomainSocketPath: path)
            } else {
                try self.init(ipAddress: address.host, port: address.port)
            }
        } catch {
            return nil
        }
    }
}
