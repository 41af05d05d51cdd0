import AgentProtocol
import AgentReception
import Hummingbird
import LlamaServer
import Logging
import NIOCore
import Scheduling
import ServiceLifecycle
import TransportSecurity

/// One connection of one agent, from its first byte to its last.
///
/// An object, of which the closures and tasks of a connection hold no copies.
final class AgentSession: Sendable {
    private let agent: AgentID
    private let registry: AgentRegistry
    private let fleet: any FleetControl
    private let version: String
    private let isAuthenticated: Bool
    private let isOfThisMachine: Bool
    private let names: AgentNames
    private let certificate: ClientCertificate?
    private let departure: @Sendable () -> Departure
    private let logger: Logger

    /// - Parameters:
    ///   - isAuthenticated: whether the agent has shown a token or a certificate.
    ///   - departure: how it goes when its connection breaks now.
    init(
        agent: AgentID,
        registry: AgentRegistry,
        fleet: any FleetControl,
        version: String,
        isAuthenticated: Bool,
        isOfThisMachine: Bool,
        names: AgentNames,
        certificate: ClientCertificate?,
        departure: @escaping @Sendable () -> Departure,
        logger: Logger
    ) {
        self.agent = agent
        self.registry = registry
        self.fleet = fleet
        self.version = version
        self.isAuthenticated = isAuthenticated
        self.isOfThisMachine = isOfThisMachine
        self.names = names
        self.certificate = certificate
        self.departure = departure
        self.logger = logger
    }

    /// How long an agent has, after the balancer has said its last word, to end its side of the connection.
    static let lingerLimit: Duration = .seconds(1)

    /// Thrown to have the connection closed under an agent that doesn't stop talking.
    struct NotEndedByAgent: Error {}

    /// - Parameters:
    ///   - divided: whether what the agent says comes by other requests.
    ///   - onLastWord: called when the balancer has said its last word.
    /// - Throws: when the connection is of no more use: it is closed then.
    func run<Lines: AsyncSequence & Sendable>(
        reading body: Lines,
        writing writer: inout any ResponseBodyWriter,
        divided: Bool = false,
        onLastWord: () -> Void = {}
    ) async throws where Lines.Element == ByteBuffer {
        let outbox = AgentOutbox()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen(to: body, outbox: outbox) }
            if divided { group.addTask { try await self.showLife(outbox) } }
            try await withGracefulShutdownHandler {
                try await outbox.forEachMessage(
                    leases: { self.fleet.leases(of: self.agent) },
                    promptSeed: { self.fleet.promptSeed }
                ) { message in
                    try await writer.write(ByteBuffer(bytes: try encodeLine(message)))
                } signOfLife: {
                    try await writer.write(ByteBuffer(string: "\n"))
                }
            } onGracefulShutdown: {
                outbox.end()
            }
            try await writer.finish(nil)
            onLastWord()
            // A refusal that the agent hasn't read is lost when the connection is closed with bytes of the agent
            // still unread: so what it says is read on for a moment, and thrown away.
            group.addTask {
                try await Task.sleep(for: Self.lingerLimit)
                throw NotEndedByAgent()
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// In divided connections the agent has no other way to tell a silent balancer from one that is gone, nor has the balancer
    /// another to notice an agent that is gone than a line that can't be written.
    private func showLife(_ outbox: AgentOutbox) async throws {
        while true {
            try await Task.sleep(for: AgentConnection.signOfLifeInterval)
            outbox.showLife()
        }
    }

    /// Reads until the agent's side ends. Whatever the reason, what the agent has registered is taken back once.
    private func listen<Lines: AsyncSequence & Sendable>(to body: Lines, outbox: AgentOutbox) async
    where Lines.Element == ByteBuffer {
        // Whoever else names a socket could have clients' requests sent to any service of this machine.
        let agent = HeardAgent(agent, mayNameKey: isAuthenticated, mayNameSocket: isAuthenticated || isOfThisMachine)
        do {
            for try await bytes in body {
                for event in agent.received(bytes, at: fleet.now()) { await obey(event, of: agent, outbox: outbox) }
                if agent.isOver { await leave(agent, .dismissed) }
            }
        } catch {
            broke(error)
        }
        await leave(agent, outbox.isEnding ? .dismissed : departure())
        outbox.end()
    }

    private func obey(_ event: AgentConversation.Event, of agent: HeardAgent, outbox: AgentOutbox) async {
        switch event {
        case .greeted:
            guard meets(event, agent, outbox: outbox) else { return }
            agent.number = await registry.register(self.agent, outbox: outbox, log: agent.log)
            welcome(event, outbox: outbox)
        case .reported:
            guard let number = agent.number, let standing = await registry.report(event, from: number) else { return }
            guard standing != agent.standing else { return }
            agent.standing = standing
            tell(standing, of: event, outbox: outbox)
        case .prompt, .promptSeed:
            if let number = agent.number { await registry.hear(event, of: self.agent, from: number) }
        case .left:
            await leave(agent, .goodbye)
            outbox.end()
        case .keyIgnored, .logged, .refused:
            note(event, of: agent, outbox: outbox)
        }
    }

    private func leave(_ agent: HeardAgent, _ departure: Departure) async {
        guard let number = agent.number else { return }
        agent.number = nil
        await registry.leave(self.agent, departure, number: number)
    }

    // MARK: - Without waiting: never inlined, or what they use would be part of the task's frame

    /// - Returns: whether it may speak for its name.
    @inline(never)
    private func meets(_ event: AgentConversation.Event, _ agent: HeardAgent, outbox: AgentOutbox) -> Bool {
        guard case .greeted(let hello) = event else { return false }
        agent.address = hello.address
        if let objection = names.objection(to: hello.name, with: certificate) {
            fleet.refused(self.agent, of: hello.address, reason: objection)
            outbox.end(saying: .refused(reason: objection))
            return false
        }
        agent.log = AgentLog(ability: AgentLog.Ability(hello), outbox: outbox)
        return true
    }

    @inline(never)
    private func broke(_ error: any Error) {
        ownLogger.debug("agent connection broke", error: error)
    }

    /// Made when there is something to be said: most agents' logs stay empty.
    private var ownLogger: Logger {
        var logger = logger
        logger[metadataKey: "agent"] = "\(agent.rawValue)"
        return logger
    }

    @inline(never)
    private func welcome(_ event: AgentConversation.Event, outbox: AgentOutbox) {
        outbox.welcome(.welcome(balancerVersion: version))
        guard case .greeted(let hello) = event else { return }
        if hello.sharesLeases == true { outbox.leasesChanged() }
        if hello.sharesPrompts == true, fleet.promptSeed != nil { outbox.beginTellingPrompts() }
        ownLogger.debug(
            "agent connected",
            metadata: ["upstream": "\(hello.address)", "name": "\(hello.name ?? "")"]
        )
    }

    @inline(never)
    private func tell(_ standing: Standing, of event: AgentConversation.Event, outbox: AgentOutbox) {
        guard case .reported(let report) = event, let text = standing.text(for: report.address) else { return }
        outbox.notify(text)
    }

    @inline(never)
    private func note(_ event: AgentConversation.Event, of agent: HeardAgent, outbox: AgentOutbox) {
        switch event {
        case .keyIgnored:
            ownLogger.warning(
                "agent names an API key for its llama-server, and the balancer doesn't use it: whoever reaches this listener could name one; set --management-token"
            )
        case .logged(let answer):
            agent.log?.heard(answer)
        case .refused(let reason):
            fleet.refused(self.agent, of: agent.address, reason: reason)
            outbox.end(saying: .refused(reason: reason))
        case .greeted, .reported, .prompt, .promptSeed, .left: break
        }
    }
}
