import LlamaServer

/// The last events of the fleet, and which of them nobody has been told of.
struct EventLog: Sendable {
    static let limit = 200

    /// Oldest first, once it has been rotated by ``next``.
    private var ring: [FleetEvent] = []
    private var next = 0
    private var lastNumber: UInt64 = 0
    private var lastTold: UInt64 = 0

    var hasUntold: Bool { lastTold != lastNumber }

    mutating func note(
        _ kind: FleetEvent.Kind,
        _ address: NetworkAddress?,
        name: String?,
        agent: AgentID?,
        at now: Instant
    ) {
        lastNumber += 1
        let event = FleetEvent(number: lastNumber, time: now, kind: kind, address: address, name: name, agent: agent)
        if ring.count < Self.limit {
            ring.append(event)
        } else {
            ring[next] = event
            next = (next + 1) % Self.limit
        }
    }

    /// Oldest first.
    var all: [FleetEvent] { Array(ring[next...] + ring[..<next]) }

    /// Those since the last call, oldest first; of very many the last ones.
    mutating func takeUntold() -> [FleetEvent] {
        guard hasUntold else { return [] }
        let untold = Int(min(lastNumber - lastTold, UInt64(ring.count)))
        lastTold = lastNumber
        return all.suffix(untold)
    }
}
