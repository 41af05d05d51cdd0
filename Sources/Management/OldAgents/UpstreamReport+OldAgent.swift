import AgentProtocol
import AgentReception
import LlamaServer
import Scheduling

extension UpstreamReport {
    /// How long ago an old agent may have looked at the slots when its message arrives. It doesn't say; a request that
    /// ended in between must not look like somebody else's.
    static let oldSampleAge: Duration = .milliseconds(250)

    /// What an agent of an older dialect said, in the scheduler's terms.
    ///
    /// - Parameter now: when its message arrived, the only time there is.
    init(
        _ status: OldAgentStatus,
        from agent: AgentID,
        at now: Instant,
        maximumSilence: Duration,
        forgottenAfter: Duration? = nil
    ) {
        self.init(
            agent: agent,
            name: Self.shown(status.name),
            route: UpstreamRoute(address: status.address.canonical, usesTLS: status.usesTLS),
            condition: Scheduling.Condition(status.condition).printable,
            slots: status.slots.map { slots in
                SlotSample(
                    total: slots.total,
                    processing: slots.processing,
                    taken: (now - Self.oldSampleAge)...now
                )
            },
            maximumSilence: maximumSilence,
            forgottenAfter: forgottenAfter
        )
    }
}
