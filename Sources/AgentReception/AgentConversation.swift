package import AgentProtocol
package import LlamaServer
package import Scheduling

/// What an agent may say and what follows from it: a value, fed with bytes and the time.
///
/// hello, then reports with news of the slots and heartbeats between them, then goodbye. Whatever else comes is refused,
/// and nothing is taken from the agent after that.
package struct AgentConversation: Sendable {
    /// Indirect, so that a task that has one in its hands while it waits needs no room for the largest of them.
    package indirect enum Event: Sendable {
        /// The agent has said who it is: register it.
        case greeted(Hello)
        /// The agent has named a key for its upstream, and it isn't one whose word is taken for that.
        case keyIgnored
        case reported(UpstreamReport)
        /// The agent has told of its llama-server's log. Whether somebody has asked is to be looked up.
        case logged(LogAnswer)
        /// A request of another balancer, one that hashes prompts as this one does, begins or ends at the agent's server.
        case prompt(PromptNews)
        /// Another balancer hashes prompts with an older seed.
        case promptSeed(PromptSeed)
        /// The agent said goodbye.
        case left
        /// The agent said something that can't be; in words for its log.
        case refused(String)
    }

    /// Slower hearts would leave an agent that vanished in the fleet for minutes, and their connections would be taken
    /// for dead: `ManagementServer.idleLimit`.
    package static let slowestHeartbeatMilliseconds = 20_000

    private enum State {
        case awaitingHello
        case awaitingReport(Hello)
        /// - Parameter latest: what a heartbeat repeats; its slots are an old sample then, and left out.
        case reporting(Hello, ClockOffset, latest: UpstreamReport)
        case over
    }

    private let agent: AgentID
    private let mayNameKey: Bool
    private let mayNameSocket: Bool
    private var state = State.awaitingHello
    private var lines = MessageLines()

    /// - Parameters:
    ///   - mayNameKey: whether the key that the agent wants its upstream to be shown is taken.
    ///   - mayNameSocket: whether its upstream may be a UNIX socket of the balancer's machine.
    package init(agent: AgentID, mayNameKey: Bool, mayNameSocket: Bool) {
        self.agent = agent
        self.mayNameKey = mayNameKey
        self.mayNameSocket = mayNameSocket
    }

    /// Whether nothing that still comes matters.
    package var isOver: Bool {
        if case .over = state { true } else { false }
    }

    /// Takes what was read from the connection, in pieces of any size.
    package mutating func received(_ bytes: some Sequence<UInt8>, at now: Instant) -> [Event] {
        guard !isOver else { return [] }
        var events: [Event] = []
        var hasBeaten = false
        do {
            for line in try lines.append(bytes) where !isOver {
                guard let message = try AgentMessage.decode(line: line) else { continue }
                // A flood of them must not cost more than one.
                if message == .heartbeat {
                    if hasBeaten { continue }
                    hasBeaten = true
                }
                events += try accept(message, at: now)
            }
        } catch {
            state = .over
            events.append(.refused(String(describing: error)))
        }
        return events
    }

    private mutating func accept(_ message: AgentMessage, at now: Instant) throws -> [Event] {
        switch (state, message) {
        case (.awaitingHello, .hello(var hello)):
            try hello.validated()
            guard hello.heartbeatIntervalMilliseconds <= Self.slowestHeartbeatMilliseconds else {
                throw ConversationError.heartTooSlow(milliseconds: hello.heartbeatIntervalMilliseconds)
            }
            guard hello.address.socketPath == nil || mayNameSocket else {
                throw ConversationError.socketOfAnotherMachine(hello.address)
            }
            let ignoresKey = hello.apiKey != nil && !mayNameKey
            if ignoresKey { hello.apiKey = nil }
            state = .awaitingReport(hello)
            return ignoresKey ? [.greeted(hello), .keyIgnored] : [.greeted(hello)]

        case (.awaitingReport(let hello), .report(let report)):
            try report.validated()
            let clock = ClockOffset(sentAt: report.sentAtMilliseconds, receivedAt: now.nanoseconds)
            return reported(UpstreamReport(report, from: agent, hello, on: clock), hello, clock)

        case (.reporting(let hello, var clock, let latest), .report(let report)):
            try report.validated()
            clock.observe(sentAt: report.sentAtMilliseconds, receivedAt: now.nanoseconds)
            var next = UpstreamReport(report, from: agent, hello, on: clock)
            next.others = latest.others
            return reported(next, hello, clock)

        case (.reporting(let hello, var clock, var latest), .slots(let report)):
            try report.validated()
            clock.observe(sentAt: report.sentAtMilliseconds, receivedAt: now.nanoseconds)
            latest.slots = Scheduling.SlotSample(report.slots, on: clock)
            return reported(latest, hello, clock)

        case (.reporting(let hello, let clock, var latest), .others(let leases)):
            latest.others = leases
            return reported(latest, hello, clock)

        case (.reporting(_, _, let latest), .heartbeat):
            return [.reported(latest)]

        case (.awaitingReport, .log(let answer)), (.reporting, .log(let answer)):
            try answer.validated()
            return [.logged(answer.printable)]

        case (.awaitingReport, .prompt(let news)), (.reporting, .prompt(let news)):
            return [.prompt(news)]

        case (.awaitingReport, .promptSeed(let seed)), (.reporting, .promptSeed(let seed)):
            return [.promptSeed(seed)]

        case (.awaitingHello, .goodbye), (.awaitingReport, .goodbye), (.reporting, .goodbye):
            state = .over
            return [.left]

        case (.awaitingHello, .report), (.awaitingHello, .slots), (.awaitingHello, .others),
            (.awaitingHello, .prompt), (.awaitingHello, .promptSeed), (.awaitingHello, .heartbeat),
            (.awaitingHello, .log):
            throw ConversationError.reportBeforeHello
        case (.awaitingReport, .heartbeat):
            throw ConversationError.heartbeatBeforeReport
        case (.awaitingReport, .others):
            throw ConversationError.othersBeforeReport
        case (.awaitingReport, .slots):
            throw ConversationError.slotsBeforeReport
        case (.awaitingReport, .hello), (.reporting, .hello):
            throw ConversationError.secondHello
        case (.over, _):
            throw ConversationError.afterTheEnd
        }
    }

    private mutating func reported(_ report: UpstreamReport, _ hello: Hello, _ clock: ClockOffset) -> [Event] {
        var latest = report
        latest.slots = nil
        state = .reporting(hello, clock, latest: latest)
        return [.reported(report)]
    }
}

/// Why a message that makes sense by itself makes none where it came.
package enum ConversationError: Error, Equatable, CustomStringConvertible {
    case reportBeforeHello
    case slotsBeforeReport
    case othersBeforeReport
    case heartbeatBeforeReport
    case secondHello
    case afterTheEnd
    case heartTooSlow(milliseconds: Int)
    case socketOfAnotherMachine(NetworkAddress)

    package var description: String {
        switch self {
        case .reportBeforeHello: "a report came before the hello"
        case .slotsBeforeReport: "news of the slots came before the first report"
        case .othersBeforeReport: "leases of other balancers came before the first report"
        case .heartbeatBeforeReport: "a heartbeat came before the first report"
        case .secondHello: "a second hello came on one connection"
        case .afterTheEnd: "a message came after the end"
        case .heartTooSlow(let milliseconds):
            "heartbeat_interval_ms is \(milliseconds), and at most "
                + "\(AgentConversation.slowestHeartbeatMilliseconds) is taken"
        case .socketOfAnotherMachine(let address):
            "a balancer on another machine cannot reach \(address): let llama-server listen on a TCP port; if both see the "
                + "same socket, as containers may, give balancer and agent a --management-token"
        }
    }
}
