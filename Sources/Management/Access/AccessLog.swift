import AccessControl
import FleetMetrics
import HTTPTypes
import Logging
import NIOCore
import Scheduling
import Synchronization

/// Tells the operator who was refused and who changed something. Any thread may call it.
final class AccessLog: Sendable {
    private let wrongTokens = Mutex(WrongTokens())
    /// Decides about lines in the log alone.
    private let agentsWithoutToken = Mutex(WrongTokens())
    /// The same.
    private let wrongCertificates = Mutex(WrongTokens())
    /// The same.
    private let unexpectedTLS = Mutex(WrongTokens())
    private let refusals: ManagementRefusals
    private let logger: Logger
    private let clock: @Sendable () -> Instant

    init(refusals: ManagementRefusals, logger: Logger, clock: @escaping @Sendable () -> Instant) {
        self.refusals = refusals
        self.logger = logger
        self.clock = clock
    }

    /// Returns when the refusal may be told.
    ///
    /// - Throws: ``RequestFailure`` for who guesses too much to be answered one by one.
    func refused(_ reason: ManagementRefusals.Reason, from peer: Peer) async throws {
        refusals.count(reason)
        let now = clock()
        let refusal = wrongTokens.withLock { $0.refused(peer.client, at: now) }
        if let count = refusal.said {
            logger.warning(
                reason == .login ? "login refused: a wrong token" : "request refused: a wrong token",
                metadata: ["from": "\(peer.description)", "times": "\(count)"]
            )
        }
        guard let pause = refusal.pause else {
            throw RequestFailure(
                status: .tooManyRequests,
                message: "too many wrong tokens come from your address",
                headers: [.connection: "close", .retryAfter: "1"]
            )
        }
        guard pause > .zero else { return }
        defer { wrongTokens.withLock { $0.released(peer.client) } }
        try await Task.sleep(for: pause)
    }

    /// Nobody vouches for the certificate that somebody has shown: there is no connection.
    ///
    /// - Parameter reason: follows on the client.
    func refusedCertificate(_ reason: String, from address: IPAddress?) {
        refusals.count(.certificate)
        let now = clock()
        guard let count = wrongCertificates.withLock({ $0.refused(address, at: now).said }) else { return }
        logger.warning(
            "connection refused: nobody vouches for the client",
            metadata: [
                "from": "\(address.map { "\($0)" } ?? "unknown")", "times": "\(count)", "reason": "\(reason)",
                "hint": "give the client a certificate of an authority in --management-client-ca, or none",
            ]
        )
    }

    /// Somebody began with TLS where plain HTTP is spoken.
    func refusedTLS(from address: IPAddress?) {
        let now = clock()
        guard let count = unexpectedTLS.withLock({ $0.refused(address, at: now).said }) else { return }
        logger.warning(
            "connection refused: it began with TLS, and the management port speaks plain HTTP",
            metadata: [
                "from": "\(address.map { "\($0)" } ?? "unknown")", "times": "\(count)",
                "hint": "give this balancer a --management-tls-cert, or leave --management-scheme https away there",
            ]
        )
    }

    /// An agent that shows no token or certificate: old ones have none to show, and say no more than that the status is
    /// unexpected.
    func refusedAgent(from peer: Peer, _ door: Door) {
        refusals.count(.agent)
        let now = clock()
        guard let count = agentsWithoutToken.withLock({ $0.refused(peer.client, at: now).said }) else { return }
        logger.warning(
            "\(Self.refusal(door))",
            metadata: ["from": "\(peer.description)", "times": "\(count)", "hint": "\(Self.hint(door))"]
        )
    }

    private static func refusal(_ door: Door) -> String {
        switch (door.hasTokens, door.takesCertificates) {
        case (true, true): "agent refused: it shows neither token nor certificate"
        case (false, true): "agent refused: it shows no certificate"
        case (_, false): "agent refused: it shows no token"
        }
    }

    private static func hint(_ door: Door) -> String {
        let certificate = "give it a certificate of an authority in --management-client-ca (its --management-cert)"
        let token = "start it with the balancer's --management-token; those of Paddler 0.10 and 1.x can't send any"
        guard door.takesCertificates else { return token }
        return door.hasTokens ? "\(certificate), or \(token)" : certificate
    }

    /// Somebody else's page, or a name that isn't ours.
    func refusedPage() {
        refusals.count(.page)
    }

    func loggedIn(_ peer: Peer) {
        logger.info("login", metadata: ["from": "\(peer.description)"])
    }

    func changed(_ what: String, of agent: AgentsReply.Agent, by caller: Caller, from peer: Peer) {
        var metadata: Logger.Metadata = [
            "upstream": "\(agent.externalAddress)", "by": "\(caller.description)", "from": "\(peer.description)",
        ]
        metadata["name"] = agent.agentName.map { "\($0)" }
        logger.info("\(what)", metadata: metadata)
    }
}
