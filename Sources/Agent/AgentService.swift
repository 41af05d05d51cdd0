import AgentProtocol
import AsyncHTTPClient
import LlamaServer
public import Logging
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Watches one llama-server and reports its slots to balancers, for as long as it runs.
///
/// Nothing outside ends it: it tries again for as long as the llama-server or a balancer is away. On a graceful shutdown
/// it says goodbye to the balancers and waits a second at most for that.
public struct AgentService: Service {
    private let configuration: AgentConfiguration
    private let logger: Logger

    private static let farewellLimit = Duration.seconds(1)

    public init(configuration: AgentConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    public func run() async throws {
        logger.info(
            "agent started",
            metadata: [
                "llama_server": "\(configuration.local)",
                "external": "\(configuration.external)",
                "balancers": "\(configuration.management.map(\.description).joined(separator: ","))",
            ]
        )
        let clock = AgentClock()
        let (events, feed) = AsyncStream.makeStream(of: WatchLoop.Event.self)
        let demand = PollDemand(feed: feed)
        let outboxes = configuration.management.map { _ in LinkOutbox(clock: clock) }
        try await HTTPClient.withHTTPClient(configuration: LlamaServerProber.clientConfiguration) { client in
            let watch = WatchLoop(
                prober: LlamaServerProber(client: client, address: configuration.local, key: configuration.apiKey),
                demand: demand,
                outboxes: outboxes,
                clock: clock,
                logger: logger
            )
            // Whichever ends first ends the others: the links after their goodbyes, or the time given for these.
            await withTaskGroup { group in
                group.addTask { await watch.run(events, feed: feed, intervals: WatchIntervals(configuration)) }
                group.addTask { await runLinks(outboxes, demand: demand) }
                group.addTask { await leaveOnGracefulShutdown(outboxes) }
                await group.next()
                group.cancelAll()
            }
        }
        logger.info("agent stopped")
    }

    private func runLinks(_ outboxes: [LinkOutbox], demand: PollDemand) async {
        let agentID = UUID().uuidString.lowercased()
        let hello = Hello(
            agentVersion: configuration.version,
            name: configuration.name,
            address: configuration.external,
            heartbeatIntervalMilliseconds: Int(configuration.heartbeatInterval.milliseconds)
        )
        await withDiscardingTaskGroup { group in
            for (balancer, outbox) in zip(configuration.management, outboxes) {
                var logger = logger
                logger[metadataKey: "balancer"] = "\(balancer)"
                let link = BalancerLink(
                    balancer: balancer,
                    agentID: agentID,
                    hello: hello,
                    heartbeatInterval: configuration.heartbeatInterval,
                    outbox: outbox,
                    demand: demand,
                    logger: logger
                )
                group.addTask { await link.run() }
            }
        }
    }

    /// Returns when the time for goodbyes is over, or when cancelled.
    private func leaveOnGracefulShutdown(_ outboxes: [LinkOutbox]) async {
        do {
            try await gracefulShutdown()
            for outbox in outboxes { outbox.leave() }
            try await Task.sleep(for: Self.farewellLimit)
        } catch {
            // Cancelled: there is no time for goodbyes.
        }
    }
}

extension AgentService: CustomStringConvertible {
    /// Written by the service group into its log.
    public var description: String {
        configuration.description
    }
}
