import AgentProtocol
import AgentRules
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A link to each balancer, in the dialect that is spoken, with what is shared between them and the watch.
package struct BalancerSpeakers: Sendable {
    let clock = AgentClock()
    let outboxes: [LinkOutbox]
    let leases: LeaseExchange
    private let prompts: PromptExchange
    let board: AgentBoard

    private let configuration: AgentConfiguration
    private let token: ManagementToken
    let transport: any AgentTransport
    private let identity: AgentIdentity
    private let hello: Hello
    private let keeper: (any ModelKeeper)?
    private let logger: Logger

    /// - Parameters:
    ///   - board: where the links write down what they see.
    ///   - keeper: who hears what balancers wish of the model.
    ///   - log: what the server prints; nil: somebody else runs it.
    /// - Throws: `ReportError` if a balancer would refuse what the agent is to say of itself.
    init(
        _ configuration: AgentConfiguration,
        board: AgentBoard,
        token: ManagementToken,
        transport: any AgentTransport,
        keeper: (any ModelKeeper)? = nil,
        log: (any ServerLog)? = nil,
        logger: Logger
    ) throws(ReportError) {
        var configuration = configuration
        configuration.managementToken = token.current()
        outboxes = configuration.management.map { [clock] _ in LinkOutbox(clock: clock, log: log) }
        leases = LeaseExchange(outboxes: outboxes, clock: clock)
        prompts = PromptExchange(outboxes: outboxes)
        self.board = board
        identity = AgentIdentity(
            id: UUID().uuidString.lowercased(),
            name: configuration.name,
            external: configuration.external,
            externalUsesTLS: configuration.externalUsesTLS
        )
        hello = try Hello(configuration, tellsLog: log != nil).validated()
        self.configuration = configuration
        self.token = token
        self.transport = transport
        self.keeper = keeper
        self.logger = logger
        for warning in configuration.warnings(onMachineWith: transport.ownAddresses) {
            logger.warning("\(warning.text)", metadata: warning.hint.map { ["hint": "\($0)"] })
        }
    }

    /// How many leases the balancers have told of, all together.
    package var leasesOfBalancers: Int { leases.told }

    /// Returns after the goodbyes, or when cancelled.
    func run(demand: PollDemand) async {
        // The server is watched for as long as the agent runs, whoever asks.
        guard !configuration.management.isEmpty else { return await board.waitUntilAlone() }
        await withDiscardingTaskGroup { group in
            for number in configuration.management.indices {
                let link = link(number, demand: demand)
                group.addTask { await link.run() }
            }
        }
    }

    private func link(_ number: Int, demand: PollDemand) -> BalancerLink {
        let endpoint = BalancerEndpoint(
            address: configuration.management[number],
            usesTLS: configuration.managementUsesTLS,
            token: token
        )
        var logger = logger
        logger[metadataKey: "balancer"] = "\(endpoint.address)"
        return BalancerLink(
            number: number,
            conversation: conversation(with: endpoint, outboxes[number], demand),
            outbox: outboxes[number],
            board: board,
            leases: leases,
            prompts: prompts,
            demand: demand,
            keeper: keeper,
            clock: clock,
            logger: logger
        )
    }

    private func conversation(
        with balancer: BalancerEndpoint,
        _ outbox: LinkOutbox,
        _ demand: PollDemand
    ) -> any BalancerConversation {
        switch configuration.dialect {
        case .current:
            CurrentConversation(
                balancer: balancer,
                transport: transport,
                agentID: identity.id,
                hello: hello,
                heartbeatInterval: configuration.heartbeatInterval,
                outbox: outbox,
                demand: demand
            )
        case .version010:
            Version010Conversation(
                balancer: balancer,
                transport: transport,
                agent: identity,
                heartbeatInterval: configuration.heartbeatInterval,
                outbox: outbox,
                demand: demand,
                clock: clock
            )
        case .version1:
            Version1Conversation(
                balancer: balancer,
                transport: transport,
                agent: identity,
                heartbeatInterval: configuration.heartbeatInterval,
                outbox: outbox,
                demand: demand,
                clock: clock
            )
        }
    }

}

extension Hello {
    fileprivate init(_ configuration: AgentConfiguration, tellsLog: Bool) {
        self.init(
            agentVersion: configuration.version,
            name: configuration.name,
            address: configuration.external,
            usesTLS: configuration.externalUsesTLS,
            // A balancer without tokens and certificates doesn't know who is speaking, and would not take it.
            apiKey: configuration.managementToken == nil && configuration.managementCertificate == nil
                ? nil : configuration.upstreamAPIKey,
            pathPrefix: configuration.pathPrefix,
            weight: configuration.weight == 1 ? nil : configuration.weight,
            host: configuration.host,
            tellsLog: tellsLog,
            sharesLeases: configuration.management.count > 1 || configuration.agentCheck != nil ? true : nil,
            sharesPrompts: configuration.management.count > 1 ? true : nil,
            heartbeatIntervalMilliseconds: Int(configuration.heartbeatInterval.milliseconds)
        )
    }
}
