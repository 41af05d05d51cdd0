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

    /// An agent that shows no token: old ones have none to show, and say no more than that the status is unexpected.
    func refusedAgent(from peer: Peer) {
        refusals.count(.agent)
        let now = clock()
        guard let count = agentsWithoutToken.withLock({ $0.refused(peer.client, at: now).said }) else { return }
        logger.warning(
            "agent refused: it shows no token",
            metadata: [
                "from": "\(peer.description)", "times": "\(count)",
                "hint": "start it with the balancer's --management-token; those of Paddler 0.10 and 1.x can't send any",
            ]
        )
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
