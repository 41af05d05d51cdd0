package import AgentProtocol
import LlamaServer
import PrintableText
package import Scheduling

extension UpstreamReport {
    /// What an agent said, in the scheduler's terms and on its clock.
    init(_ message: StatusReport, from agent: AgentID, _ hello: Hello, on clock: ClockOffset) {
        self.init(
            agent: agent,
            name: Self.shown(hello.name),
            route: UpstreamRoute(
                address: hello.address.canonical,
                usesTLS: hello.usesTLS,
                apiKey: hello.apiKey,
                pathPrefix: hello.pathPrefix
            ),
            condition: Scheduling.Condition(message.condition).printable,
            slots: message.slots.map { Scheduling.SlotSample($0, on: clock) },
            isSleeping: message.isSleeping,
            isLeaving: message.isLeaving,
            models: message.models.map { $0.printable() },
            role: message.role,
            contextSize: message.contextSize,
            build: message.build?.printable(),
            weight: hello.weight ?? 1,
            sharesLeases: hello.sharesLeases == true,
            sharesPrompts: hello.sharesPrompts == true,
            // Until it tells more exactly.
            others: message.slots?.others ?? 0,
            onDemand: Scheduling.OnDemand(message.onDemand, on: hello.host),
            accelerators: message.accelerators?.map(Scheduling.Accelerator.init) ?? [],
            maximumSilence: Self.maximumSilence(heartbeatMilliseconds: hello.heartbeatIntervalMilliseconds)
        )
    }

    /// Characters of a name that are kept: it is in every line, row and series that is about its upstream.
    package static let longestName = 128

    /// What is kept of the name that an agent gives itself; nil: it has none.
    package static func shown(_ name: String?) -> String? {
        guard let name, !name.isEmpty else { return nil }
        return name.printable(atMost: longestName)
    }

    /// Two heartbeats may be lost; the rest is for a machine that is busy.
    private static func maximumSilence(heartbeatMilliseconds: Int) -> Duration {
        .milliseconds(heartbeatMilliseconds * 3) + .seconds(1)
    }
}

extension Scheduling.OnDemand {
    /// nil: the agent's words don't say whose memory it takes, or how much.
    init?(_ message: AgentProtocol.OnDemand?, on host: Host?) {
        guard let message, let host else { return nil }
        self.init(
            host: host.id,
            hostMemory: host.memoryBytes,
            hostModels: host.models.map { $0.printable() },
            memory: message.memoryBytes,
            loadTime: message.loadMilliseconds.map { .milliseconds(Int64($0)) },
            isPinned: message.isPinned,
            refusals: message.refusal?.number ?? 0,
            lastRefusal: message.refusal?.reason.printable()
        )
    }
}

extension Scheduling.Accelerator {
    init(_ message: AgentProtocol.Accelerator) {
        self.init(
            id: message.id.printable(),
            host: message.host.printable(),
            name: message.name.printable(),
            memoryUsed: message.memoryUsedBytes,
            memoryTotal: message.memoryTotalBytes,
            utilization: message.utilization,
            celsius: message.celsius
        )
    }
}

extension Scheduling.SlotSample {
    package init(_ sample: AgentProtocol.SlotSample, on clock: ClockOffset) {
        let began = Instant(nanoseconds: clock.convert(sample.startedAtMilliseconds))
        let ended = Instant(nanoseconds: clock.convert(sample.finishedAtMilliseconds))
        self.init(
            total: sample.total,
            processing: sample.processing,
            taken: began...max(began, ended),
            hasMoved: sample.hasMoved == true,
            isResting: sample.isResting == true,
            others: sample.others ?? 0
        )
    }
}

extension Scheduling.Condition {
    package init(_ condition: AgentProtocol.Condition) {
        self =
            switch condition {
            case .ready: .ready
            case .loading: .loading
            case .down(let message): .down(message)
            case .unresponsive: .unresponsive
            case .stuck(let message): .stuck(message)
            case .unauthorized: .unauthorized
            case .slotsDisabled: .slotsDisabled
            case .restarting(let message): .restarting(message)
            case .failing(let message): .failing(message)
            case .unloaded: .unloaded
            case .unexpected(let message): .unexpected(message)
            }
    }
}

extension Scheduling.Condition {
    /// With what may be shown of its text.
    package var printable: Self {
        switch self {
        case .down(let message): .down(message.printable())
        case .stuck(let message): .stuck(message.printable())
        case .restarting(let message): .restarting(message.printable())
        case .failing(let message): .failing(message.printable())
        case .unexpected(let message): .unexpected(message.printable())
        case .ready, .loading, .unresponsive, .unauthorized, .slotsDisabled, .unloaded: self
        }
    }
}

extension AgentProtocol.Condition {
    /// For its name and its hint.
    package init(_ condition: Scheduling.Condition) {
        self =
            switch condition {
            case .ready: .ready
            case .loading: .loading
            case .down(let message): .down(message)
            case .unresponsive: .unresponsive
            case .stuck(let message): .stuck(message)
            case .unauthorized: .unauthorized
            case .slotsDisabled: .slotsDisabled
            case .restarting(let message): .restarting(message)
            case .failing(let message): .failing(message)
            case .unloaded: .unloaded
            case .unexpected(let message): .unexpected(message)
            }
    }

    /// What the agent said beyond the condition's kind.
    package var message: String? {
        switch self {
        case .down(let message), .stuck(let message), .restarting(let message), .failing(let message),
            .unexpected(let message):
            message
        case .ready, .loading, .unresponsive, .unauthorized, .slotsDisabled, .unloaded: nil
        }
    }
}
