import AccessControl
import AgentProtocol
import AgentRules
import AsyncHTTPClient
import LlamaServer
public import Logging
import NIOSSL
public import ServiceLifecycle
import UnixSignals

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Watches one llama-server and reports its slots to balancers, for as long as it runs.
///
/// Nothing outside ends it: it tries again for as long as the llama-server or a balancer is away. On a graceful shutdown
/// it has the balancers send nothing more, waits until nothing of theirs runs any more, and says goodbye.
public struct AgentService: Service {
    private let configuration: AgentConfiguration
    private let keeper: (any ServerKeeper)?
    private let modelKeeper: (any ModelKeeper)?
    private let board: AgentBoard
    private let logger: Logger

    /// For a balancer on a machine that is on its knees; others take milliseconds.
    private static let farewellLimit = Duration.seconds(5)

    /// - Parameter keeper: who runs the llama-server, if that is this process.
    public init(configuration: AgentConfiguration, keeper: (any ServerKeeper)? = nil, logger: Logger) {
        self.configuration = configuration
        self.keeper = keeper
        modelKeeper = nil
        board = AgentBoard(links: configuration.management.count)
        self.logger = logger
    }

    /// - Parameter modelKeeper: who runs the llama-server while its model is loaded.
    public init(configuration: AgentConfiguration, modelKeeper: any ModelKeeper, logger: Logger) {
        self.configuration = configuration
        keeper = modelKeeper
        self.modelKeeper = modelKeeper
        board = AgentBoard(links: configuration.management.count) { modelKeeper.drained() }
        self.logger = logger
    }

    /// - Throws: before anything is said to anybody, if the configuration can't be used: an error whose description is for
    ///   people.
    public func run() async throws {
        let tls = try TrustedCertificates.configuration(caFile: configuration.caFile)
        let token = try ManagementToken(configuration, logger: logger)
        let certificate = try configuration.managementCertificate.map { files throws(FileFailure) in
            try ManagementCertificate(files, logger: logger)
        }
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let speakers = try BalancerSpeakers(
            configuration,
            board: board,
            token: token,
            certificate: certificate,
            tls: tls,
            keeper: modelKeeper,
            log: keeper?.log,
            logger: logger
        )
        let statusServer = try await StatusServer.listen(on: configuration.statusServer, logger: logger) {
            overview.json
        }
        logStart()
        let (events, feed) = AsyncStream.makeStream(of: WatchLoop.Event.self)
        let demand = PollDemand(feed: feed)
        let clientConfiguration = LlamaServerProber.clientConfiguration(tls: tls)
        try await HTTPClient.withHTTPClient(configuration: clientConfiguration) { client in
            let watch = WatchLoop(
                prober: LlamaServerProber(
                    client: client,
                    address: configuration.local,
                    usesTLS: configuration.localUsesTLS,
                    prefix: configuration.pathPrefix,
                    key: configuration.apiKey
                ),
                keeper: keeper,
                modelKeeper: modelKeeper,
                accelerators: configuration.accelerators,
                demand: demand,
                outboxes: speakers.outboxes,
                leases: speakers.leases,
                board: speakers.board,
                clock: speakers.clock,
                logger: logger
            )
            // Whichever ends first ends the others: the links after their goodbyes, or the time given for these.
            await withTaskGroup { group in
                group.addTask { await watch.run(events, feed: feed, intervals: WatchIntervals(configuration)) }
                group.addTask { await speakers.run(demand: demand) }
                group.addTask { await speakers.leases.run() }
                group.addTask { await leaveOnGracefulShutdown(speakers) }
                group.addTask { await read(token, certificate, againOn: hangups) }
                await group.next()
                group.cancelAll()
            }
        }
        await statusServer?.close()
        logger.info("agent stopped")
    }

    /// What it sees and does at this moment.
    var overview: AgentOverview { AgentOverview(board.current, of: configuration) }

    private func logStart() {
        logger.info(
            "agent started",
            metadata: [
                "llama_server": "\(configuration.local)",
                "external": "\(configuration.external)",
                "balancers": "\(configuration.management.map(\.description).joined(separator: ","))",
            ]
        )
    }

    /// Returns when the time for goodbyes is over, or when cancelled.
    private func leaveOnGracefulShutdown(_ speakers: BalancerSpeakers) async {
        do {
            try await gracefulShutdown()
            await drain(speakers)
            for outbox in speakers.outboxes { outbox.leave() }
            // Links that never had a balancer have nobody to say goodbye to, whatever they wait for. One that is just being
            // told of the server is to hear that it goes.
            let board = speakers.board
            await board.waitUntilNobodyIsConnected(atMost: AgentState.settlingTime)
            board.note { $0.offersSettled() }
            await board.waitUntilNobodyIsConnected(atMost: Self.farewellLimit - AgentState.settlingTime)
        } catch {
            // Cancelled: there is no time for goodbyes.
        }
    }

    /// SIGHUP must not end the process. Returns when cancelled.
    private func read(
        _ token: ManagementToken,
        _ certificate: ManagementCertificate?,
        againOn hangups: UnixSignalsSequence
    ) async {
        for await _ in hangups {
            certificate?.readAgain()
            token.readAgain(isAlone: certificate == nil)
        }
    }

    /// Returns when nothing of the balancers' runs any more, or when the time for that is over.
    private func drain(_ speakers: BalancerSpeakers) async {
        let board = speakers.board
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

extension AgentService: CustomStringConvertible {
    /// Written by the service group into its log.
    public var description: String {
        configuration.description
    }
}
