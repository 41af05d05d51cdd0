public import LlamaServer

// What became of the fleet, for people.

extension Scheduler {
    /// The last events, oldest first; at most 200.
    public var events: [FleetEvent] { eventLog.all }

    /// Those that nobody has been told of yet, oldest first. O(1) when there are none.
    public mutating func takeEvents() -> [FleetEvent] { eventLog.takeUntold() }

    /// An agent was refused before anything of what it said reached ``reported(_:at:)``. The same refusal is an event once a
    /// minute.
    public mutating func refused(_ agent: AgentID?, of address: NetworkAddress?, reason: String, at now: Instant) {
        let now = advance(to: now)
        guard refusals.allows(Refusal(agent: agent, reason: reason), at: now) else { return }
        eventLog.note(.refused(reason: reason), address, name: nil, agent: agent, at: now)
    }

    mutating func note(_ kind: FleetEvent.Kind, of upstream: Int, at now: Instant) {
        eventLog.note(
            kind,
            fleet.route(of: upstream).address,
            name: fleet.description(of: upstream).name,
            agent: fleet[upstream].owner.flatMap { agents[$0]?.id },
            at: now
        )
    }
}

struct Refusal: Hashable, Sendable {
    var agent: AgentID?
    var reason: String
}
