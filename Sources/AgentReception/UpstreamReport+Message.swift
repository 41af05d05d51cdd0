package import AgentProtocol
package import Scheduling

extension UpstreamReport {
    /// What an agent said, in the scheduler's terms and on its clock.
    init(_ message: StatusReport, from agent: AgentID, _ hello: Hello, on clock: ClockOffset) {
        self.init(
            agent: agent,
            name: hello.name,
            route: UpstreamRoute(address: hello.address, usesTLS: hello.usesTLS, apiKey: hello.apiKey),
            condition: Scheduling.Condition(message.condition),
            slots: message.slots.map { Scheduling.SlotSample($0, on: clock) },
            isSleeping: message.isSleeping,
            isLeaving: message.isLeaving,
            models: message.models,
            contextSize: message.contextSize,
            build: message.build,
            maximumSilence: Self.maximumSilence(heartbeatMilliseconds: hello.heartbeatIntervalMilliseconds)
        )
    }

    /// Two heartbeats may be lost; the rest is for a machine that is busy.
    private static func maximumSilence(heartbeatMilliseconds: Int) -> Duration {
        .milliseconds(heartbeatMilliseconds * 3) + .seconds(1)
    }
}

extension Scheduling.SlotSample {
    package init(_ sample: AgentProtocol.SlotSample, on clock: ClockOffset) {
        let began = Instant(nanoseconds: clock.convert(sample.startedAtMilliseconds))
        let ended = Instant(nanoseconds: clock.convert(sample.finishedAtMilliseconds))
        self.init(total: sample.total, processing: sample.processing, taken: began...max(began, ended))
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
            case .unexpected(let message): .unexpected(message)
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
            case .unexpected(let message): .unexpected(message)
            }
    }

    /// What the agent said beyond the condition's kind.
    package var message: String? {
        switch self {
        case .down(let message), .stuck(let message), .unexpected(let message): message
        case .ready, .loading, .unresponsive, .unauthorized, .slotsDisabled: nil
        }
    }
}
