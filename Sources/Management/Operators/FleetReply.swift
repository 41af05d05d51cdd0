import FleetMetrics
import Scheduling

/// The whole fleet in a few numbers, and what its newest second was like: part of `GET /api/v1/agents`.
struct FleetReply: Codable, Equatable {
    /// The balancer's.
    let version: String
    /// Since it began to keep a history, which is with its start.
    let uptimeSeconds: Int
    /// When the newest sample was taken; null before the first.
    @NullWhenNil var time: SystemTime?
    /// Upstreams for which an agent speaks.
    let registered: Int
    /// Upstreams that requests are sent to; the slots are theirs.
    let usable: Int
    /// Upstreams whose agents went without a word.
    let lost: Int
    /// How many are in each state, lost ones included.
    let states: [String: Int]
    /// How many of all are in a state that somebody has to do something about.
    let troubled: Int
    let slotsTotal: Int
    /// Never negative.
    let slotsIdle: Int
    let slotsProcessing: Int
    let queued: Int
    let queueMaximum: Int
    /// How long the request at the queue's head has waited; null when none waits.
    @NullWhenNil var oldestWaitMilliseconds: Int?
    /// Null before the first.
    @NullWhenNil var sample: HistoryReply.Sample?
    /// By name; empty while the fleet serves one model.
    let models: [ModelReply]

    init(_ snapshot: FleetSnapshot, _ history: FleetHistory, version: String, on wallClock: WallClockOffset) {
        self.version = version
        uptimeSeconds = history.samples.last?.number ?? 0
        time = history.taken.map(wallClock.time(at:))
        registered = snapshot.summary.registered
        usable = snapshot.summary.usable
        lost = snapshot.lostCount
        var states = Dictionary(uniqueKeysWithValues: AgentsReply.State.allCases.map { ($0, 0) })
        var troubled = 0
        for upstream in ListedUpstream.unordered(of: snapshot) {
            states[upstream.state, default: 0] += 1
            if upstream.attention == .troubled { troubled += 1 }
        }
        self.states = Dictionary(uniqueKeysWithValues: states.map { ($0.key.rawValue, $0.value) })
        self.troubled = troubled
        slotsTotal = snapshot.summary.slotsTotal
        slotsIdle = max(0, snapshot.summary.slotsIdle)
        slotsProcessing = snapshot.summary.slotsProcessing
        queued = snapshot.queued
        queueMaximum = snapshot.maximumQueued
        oldestWaitMilliseconds = snapshot.oldestWait.map { Int($0 / .milliseconds(1)) }
        sample = history.samples.last.map(HistoryReply.Sample.init)
        models = snapshot.models.map(ModelReply.init)
    }

    enum CodingKeys: String, CodingKey {
        case version
        case uptimeSeconds = "uptime_seconds"
        case time
        case registered
        case usable
        case lost
        case states
        case troubled
        case slotsTotal = "slots_total"
        case slotsIdle = "slots_idle"
        case slotsProcessing = "slots_processing"
        case queued
        case queueMaximum = "queue_maximum"
        case oldestWaitMilliseconds = "oldest_wait_ms"
        case sample
        case models
    }
}
