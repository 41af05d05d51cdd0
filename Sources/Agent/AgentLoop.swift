package import AgentProtocol
package import AgentRules
import LlamaServer
package import Logging

/// What an agent does for as long as it runs, over whatever transport: watches one llama-server and reports its slots to
/// balancers.
///
/// Nothing outside ends it: it tries again for as long as the llama-server or a balancer is away. Told to stop, it has the
/// balancers send nothing more, waits until nothing of theirs runs any more, and says goodbye.
package struct AgentLoop: Sendable {
    package let configuration: AgentConfiguration
    private let keeper: (any ServerKeeper)?
    private let modelKeeper: (any ModelKeeper)?
    private let board: AgentBoard
    private let logger: Logger

    /// For a balancer on a machine that is on its knees; others take milliseconds.
    private static let farewellLimit = Duration.seconds(5)

    /// - Parameter keeper: who runs the llama-server, if that is this process.
    package init(_ configuration: AgentConfiguration, keeper: (any ServerKeeper)? = nil, logger: Logger) {
        self.configuration = configuration
        self.keeper = keeper
        modelKeeper = nil
        board = AgentBoard(links: configuration.management.count)
        self.logger = logger
    }

    /// - Parameter modelKeeper: who runs the llama-server while its model is loaded.
    package init(_ configuration: AgentConfiguration, modelKeeper: any ModelKeeper, logger: Logger) {
        self.configuration = configuration
        keeper = modelKeeper
        self.modelKeeper = modelKeeper
        board = AgentBoard(links: configuration.management.count) { modelKeeper.drained() }
        self.logger = logger
    }

    /// What it knows at this moment.
    package var state: AgentState { board.current }

    /// - Throws: `ReportError` if a balancer would refuse what the agent is to say of itself.
    package func speakers(
        showing token: ManagementToken,
        over transport: any AgentTransport
    ) throws(ReportError) -> BalancerSpeakers {
        try BalancerSpeakers(
            configuration,
            board: board,
            token: token,
            transport: transport,
            keeper: modelKeeper,
            log: keeper?.log,
            logger: logger
        )
    }

    /// Returns after the goodbyes, or when cancelled.
    ///
    /// - Parameter stop: returns when the agent is to leave; what it throws says that there is no time for goodbyes.
    /// - Throws: what the transport throws that has no client to give.
    package func run(_ speakers: BalancerSpeakers, until stop: @escaping @Sendable () async throws -> Void) async throws
    {
        logStart()
        let (events, feed) = AsyncStream.makeStream(of: WatchLoop.Event.self)
        let demand = PollDemand(feed: feed)
        try await speakers.transport.withServerClient { client in
            let watch = WatchLoop(
                prober: LlamaServerProber(
                    client: client,
                    origin: speakers.transport.origin(
                        of: configuration.local,
                        usingTLS: configuration.localUsesTLS
                    ),
                    prefix: configuration.pathPrefix,
                    key: configuration.apiKey
                ),
                keeper: keeper,
                modelKeeper: modelKeeper,
                accelerators: configuration.accelerators,
                demand: demand,
                outboxes: speakers.outboxes,
                leases: speakers.leases,
                board: board,
                clock: speakers.clock,
                logger: logger
            )
            // Whichever ends first ends the others: the links after their goodbyes, or the time given for these.
            await withTaskGroup { group in
                group.addTask { await watch.run(events, feed: feed, intervals: WatchIntervals(configuration)) }
                group.addTask { await speakers.run(demand: demand) }
                group.addTask { await speakers.leases.run() }
                group.addTask { await leave(speakers, when: stop) }
                await group.next()
                group.cancelAll()
            }
        }
        logger.info("agent stopped")
    }

    private func logStart() {
        let balancers = configuration.management.map(\.description)
        logger.info(
            "agent started",
            metadata: [
                "llama_server": "\(configuration.local)",
                "external": "\(configuration.external)",
                "balancers": "\(balancers.isEmpty ? "none" : balancers.joined(separator: ","))",
            ]
        )
    }

    /// Returns when the time for goodbyes is over, or when cancelled.
    private func leave(_ speakers: BalancerSpeakers, when stop: @Sendable () async throws -> Void) async {
        do {
            try await stop()
            await drain(speakers)
            for outbox in speakers.outboxes { outbox.leave() }
            // Links that never had a balancer have nobody to say goodbye to, whatever they wait for. One that is just being
            // told of the server is to hear that it goes.
            await board.waitUntilNobodyIsConnected(atMost: AgentState.settlingTime)
            board.note { $0.offersSettled() }
            await board.waitUntilNobodyIsConnected(atMost: Self.farewellLimit - AgentState.settlingTime)
        } catch {
            // Cancelled: there is no time for goodbyes.
        }
    }

    /// Returns when nothing of the balancers' runs any more, or when the time for that is over.
    private func drain(_ speakers: BalancerSpeakers) async {
        board.note { $0.drain() }
        guard configuration.drainTimeout > .zero, !board.current.mayLeave else { return }
        logger.info("waiting for running requests to end", metadata: ["at_most": "\(configuration.drainTimeout)"])
        for outbox in speakers.outboxes { outbox.drain() }
        let limit = configuration.drainTimeout
        if limit > AgentState.settlingTime {
            await board.waitUntilItMayLeave(atMost: AgentState.settlingTime)
            board.note { $0.offersSettled() }
        }
        await board.waitUntilItMayLeave(atMost: max(.zero, limit - AgentState.settlingTime))
        let state = board.current
        guard !state.mayLeave, !Task.isCancelled else { return }
        logger.warning(
            "leaving although requests may still be running",
            metadata: ["balancers": "\(state.unfinished)", "waited": "\(configuration.drainTimeout)"]
        )
    }
}
