import LlamaServer
import Logging
import NIOCore
import NIOPosix
import ReverseProxy

/// How a balancer that stops passes its ports on to another one, which was started with the same and stands by.
///
/// First the management port: the other takes it, and with it the agents, which come back there at once. Then, when the
/// other knows the fleet, the reverse proxy's port. Meanwhile, and until its last request has ended, the balancer that
/// stops goes by what it knows of the fleet.
struct Handover: Sendable {
    let announcement: ListenerAnnouncement
    let group: any EventLoopGroup
    let logger: Logger
    /// Ends when the management port is to be given up.
    private let managementIsToGo = AsyncStream.makeStream(of: Never.self)
    /// Ends when the management port is ours.
    private let managementIsOurs = AsyncStream.makeStream(of: Never.self)

    /// One that stands by tries a taken port again after so long: the system doesn't say when it becomes free.
    static let standbyInterval: Duration = .milliseconds(100)
    /// How long to look whether another one has taken the management port.
    private static let successorLimit: Duration = .seconds(1)
    /// What agents need to find the other one and to tell it about their servers: a tenth of a second, unless a machine is
    /// on its knees. A time, since nobody tells the one that stops how much the other knows.
    private static let agentsMove: Duration = .milliseconds(1500)
    /// After so long the predecessor has given up both ports for certain, three seconds as a rule; it doesn't say so.
    private static let predecessorLimit: Duration = .seconds(10)

    init(announcement: ListenerAnnouncement, group: any EventLoopGroup, logger: Logger) {
        self.announcement = announcement
        self.group = group
        self.logger = logger
    }

    // MARK: - The management port

    func tookManagement() {
        managementIsOurs.continuation.finish()
    }

    /// Returns when the management port is to be given up, or when the task is cancelled.
    func waitUntilManagementIsToGo() async {
        for await _ in managementIsToGo.stream {}
    }

    // MARK: - The reverse proxy's port

    /// Sees to it that the next one that stands by gets nothing before its time. Returns when it has, or when the task is
    /// cancelled.
    func keepPort(_ proxy: ReverseProxyServer, _ running: ReverseProxyServer.Running) async {
        for await _ in managementIsOurs.stream {}
        do {
            try await Task.sleep(for: Self.predecessorLimit)
            try await proxy.keepPort(running)
        } catch {
            // Stopped before; the port is passed on.
        }
    }

    /// - Returns: true as soon as another balancer gets the new connections; false if there is no other.
    func passPorts(_ proxy: ReverseProxyServer, _ running: ReverseProxyServer.Running) async -> Bool {
        // One that stands by has nothing to pass on.
        guard let management = announcement.address(of: .management) else { return false }
        proxy.holdFleet()
        managementIsToGo.continuation.finish()
        guard await isTaken(management) else { return false }
        logger.info("another balancer takes over")
        try? await Task.sleep(for: Self.agentsMove)
        do {
            try await proxy.passPortOn(running)
        } catch {
            logger.warning("connections that are just being made may be lost", error: error)
        }
        return true
    }

    private func isTaken(_ address: NetworkAddress) async -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.successorLimit
        repeat {
            try? await Task.sleep(for: Self.standbyInterval)
            let attempt = ClientBootstrap(group: group).connectTimeout(.seconds(1))
                .connect(host: address.host, port: address.port)
            if let connection = try? await attempt.get() {
                try? await connection.close()
                return true
            }
        } while clock.now < deadline && !Task.isCancelled
        return false
    }
}
