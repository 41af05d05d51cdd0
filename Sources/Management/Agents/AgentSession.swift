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
struct AgentSession {
    let agent: AgentID
    let registry: AgentRegistry
    let fleet: any FleetControl
    let version: String
    /// Whether the agent has shown a token or a certificate.
    let isAuthenticated: Bool
    let isOfThisMachine: Bool
    let names: AgentNames
    let certificate: ClientCertificate?
    /// How it goes when its connection breaks now.
    let departure: @Sendable () -> Departure
    let logger: Logger

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
            group.addTask { await listen(to: body, outbox: outbox) }
            if divided { group.addTask { try await showLife(outbox) } }
            try await withGracefulShutdownHandler {
                try await outbox.forEachMessage(
                    leases: { fleet.leases(of: agent) },
                    promptSeed: { fleet.promptSeed }
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
        var conversation = AgentConversation(
            agent: agent,
            mayNameKey: isAuthenticated,
            // Whoever else names one could have clients' requests sent to any service of this machine.
            mayNameSocket: isAuthenticated || isOfThisMachine
        )
        var known = Known()
        do {
            for try await bytes in body {
                // After the end the rest is read to be thrown away.
                guard !conversation.isOver else { continue }
                for event in conversation.received(bytes.readableBytesView, at: fleet.now()) {
                    await obey(event, outbox: outbox, &known)
                }
                if conversation.isOver { await leave(&known, .dismissed) }
            }
        } catch {
            logger.debug("agent connection broke", error: error)
        }
        await leave(&known, outbox.isEnding ? .dismissed : departure())
        outbox.end()
    }

    /// What has been done for the agent so far.
    private struct Known {
        var number: AgentRegistry.ConnectionNumber?
        var address: NetworkAddress?
        var log: AgentLog?
        var standing = Standing.speaks
    }

    private func obey(_ event: AgentConversation.Event, outbox: AgentOutbox, _ known: inout Known) async {
        switch event {
        case .greeted(let hello):
            known.address = hello.address
            if let objection = names.objection(to: hello.name, with: certificate) {
                fleet.refused(agent, of: hello.address, reason: objection)
                return outbox.end(saying: .refused(reason: objection))
            }
            let log = AgentLog(ability: AgentLog.Ability(hello), outbox: outbox)
            known.log = log
            known.number = await registry.register(agent, outbox: outbox, log: log)
            outbox.welcome(.welcome(balancerVersion: version))
            if hello.sharesLeases == true { outbox.leasesChanged() }
            if hello.sharesPrompts == true { outbox.beginTellingPrompts() }
            logger.debug(
                "agent connected",
                metadata: ["upstream": "\(hello.address)", "name": "\(hello.name ?? "")"]
            )
        case .keyIgnored:
            logger.warning(
                "agent names an API key for its llama-server, and the balancer doesn't use it: whoever reaches this listener could name one; set --management-token"
            )
        case .reported(let report):
            guard let number = known.number, let standing = await registry.report(report, from: number) else { return }
            guard standing != known.standing else { return }
            known.standing = standing
            if let text = standing.text(for: report.address) { outbox.notify(text) }
        case .logged(let answer):
            known.log?.heard(answer)
        case .prompt(let news):
            if let number = known.number { await registry.hear(news, of: agent, from: number) }
        case .promptSeed(let seed):
            if let number = known.number { await registry.hear(seed, of: agent, from: number) }
        case .left:
            await leave(&known, .goodbye)
            outbox.end()
        case .refused(let reason):
            fleet.refused(agent, of: known.address, reason: reason)
            outbox.end(saying: .refused(reason: reason))
        }
    }

    private func leave(_ known: inout Known, _ departure: Departure) async {
        guard let number = known.number else { return }
        known.number = nil
        await registry.leave(agent, departure, number: number)
    }
}
