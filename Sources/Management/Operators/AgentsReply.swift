import AgentProtocol
import AgentReception
import FleetMetrics
import LlamaServer
import Scheduling

/// `GET /api/v1/agents`: every upstream, the one that would be picked first in front, and the whole of them in numbers.
struct AgentsReply: Codable, Equatable {
    let agents: [Agent]
    let fleet: FleetReply
    /// Of a page: where the next one begins (`after`); not there where none comes.
    let next: String?
    /// How many servers aren't listed: of a page those that match and come behind it, of a stream's event those of a large fleet
    /// that don't need anybody first. Not there where all are listed.
    let omitted: Int?

    /// Servers of a stream's event at most: a page that shows more is read by nobody, and costs a browser all of a core.
    static let mostWatched = 500

    /// Which of the fleet's servers are listed.
    enum Selection {
        case all
        case page(AgentsQuery)
        /// ``mostWatched`` at most, those that need somebody first.
        case watched
    }

    /// - Parameter logTellers: agents that can be asked for the log of their server.
    init(
        _ snapshot: FleetSnapshot,
        _ history: FleetHistory,
        selection: Selection = .all,
        logTellers: Set<AgentID> = [],
        version: String,
        on wallClock: WallClockOffset
    ) {
        let listed: [ListedUpstream]
        switch selection {
        case .all:
            listed = ListedUpstream.all(of: snapshot)
            (next, omitted) = (nil, nil)
        case .page(let query):
            let left: Int
            (listed, left) = query.page(of: ListedUpstream.unordered(of: snapshot))
            next = left > 0 ? listed.last?.address.description : nil
            omitted = left > 0 ? left : nil
        case .watched:
            listed = ListedUpstream.foremost(Self.mostWatched, of: snapshot)
            let left = snapshot.upstreams.count + snapshot.lost.count - listed.count
            (next, omitted) = (nil, left > 0 ? left : nil)
        }
        agents = listed.map { upstream in
            let activity = history.activity(of: upstream.address)
            switch upstream {
            case .known(let upstream):
                return Agent(upstream, activity, logTellers: logTellers, takenAt: snapshot.taken, on: wallClock)
            case .lost(let upstream):
                return Agent(upstream, activity, on: wallClock)
            }
        }
        fleet = FleetReply(snapshot, history, version: version, on: wallClock)
    }

    /// Fields of Paddler 1.x first, with its names and meanings, then ours.
    struct Agent: Codable, Equatable {
        let agentID: String
        @NullWhenNil var agentName: String?
        @NullWhenNil var error: String?
        let externalAddress: String
        @NullWhenNil var isAuthorized: Bool?
        @NullWhenNil var isSlotsEndpointEnabled: Bool?
        let lastUpdate: SystemTime
        @NullWhenNil var quarantinedUntil: SystemTime?
        /// Never negative; 0 while the upstream isn't used.
        let slotsIdle: Int
        let slotsProcessing: Int

        /// `usable`, or why it isn't used: see ``State``.
        let state: State
        /// What the agent says of its llama-server.
        let condition: String
        /// What an operator can do about it.
        @NullWhenNil var hint: String?
        let slotsTotal: Int
        /// Busy with requests of this balancer.
        let slotsLeased: Int
        /// Busy with requests of others.
        let slotsForeign: Int
        /// How many of these are other balancers', as they tell.
        let slotsOthers: Int
        /// Perhaps still busy with a request whose client left.
        let slotsCooling: Int
        let models: [String]
        /// What it was started for: `completions`, `embeddings` or `reranking`.
        @NullWhenNil var role: String?
        @NullWhenNil var contextSize: Int?
        @NullWhenNil var build: String?
        /// How many times as much it may be given as a server of weight 1; of one that is lost, 1.
        let weight: Int
        /// How many times as fast as the slowest of its model its answers show it to be; of one that is lost, 1.
        let speed: Int
        let isSleeping: Bool
        /// By an operator.
        let isDraining: Bool
        /// The agent is about to stop and waits for what runs.
        let isLeaving: Bool
        /// Answers of it that were passed on, since the balancer started.
        let requestsAnswered: Int
        /// Generated, over the last ten seconds; to a tenth.
        let tokensPerSecond: Double
        /// The share of all prompt tokens that were found in its cache, 0...1, to a thousandth; null before the first.
        @NullWhenNil var cacheHitRatio: Double?
        /// What loading and unloading it takes; null: nobody does.
        @NullWhenNil var onDemand: OnDemandReply?
        /// GPUs of its machine.
        let accelerators: [AcceleratorReply]
        /// Whether `GET /api/v1/agents/{id}/log` has its log.
        let tellsLog: Bool
        /// How it was lost; null: it wasn't.
        @NullWhenNil var loss: Loss?
        /// Who else says that it speaks for it; null: nobody.
        @NullWhenNil var conflict: Conflict?
    }

    struct Loss: Codable, Equatable {
        let since: SystemTime
        let reason: String
        /// Of the agent that spoke for it.
        let agentID: String

        enum CodingKeys: String, CodingKey {
            case since
            case reason
            case agentID = "agent_id"
        }
    }

    struct Conflict: Codable, Equatable {
        let since: SystemTime
        let agentID: String
        @NullWhenNil var agentName: String?

        init(_ claim: Claim, on wallClock: WallClockOffset) {
            since = wallClock.time(at: claim.since)
            agentID = claim.agent.rawValue
            agentName = claim.name
        }

        enum CodingKeys: String, CodingKey {
            case since
            case agentID = "agent_id"
            case agentName = "agent_name"
        }
    }

    /// The first that applies.
    enum State: String, Codable, CaseIterable {
        /// Its agent went without a word, and nobody speaks for it since.
        case lost
        /// Its agent is gone and what it still runs is being brought to its end.
        case left
        /// Its agent is connected and says nothing.
        case silent
        /// Its agent loads it when somebody asks for its model.
        case unloaded
        /// Its agent says that it can't be used: see the condition.
        case notReady = "not_ready"
        case draining
        /// Left alone for a time because requests failed there.
        case ejected
        case usable
    }
}

extension AgentsReply.Agent {
    init(
        _ upstream: UpstreamSnapshot,
        _ activity: UpstreamActivity?,
        logTellers: Set<AgentID>,
        takenAt now: Instant,
        on wallClock: WallClockOffset
    ) {
        let condition = AgentProtocol.Condition(upstream.condition)
        agentID = upstream.agent?.rawValue ?? ""
        agentName = upstream.name
        error = condition.errorText
        externalAddress = upstream.address.description
        isAuthorized = condition.isAuthorized
        isSlotsEndpointEnabled = condition.isSlotsEndpointEnabled
        lastUpdate = wallClock.time(at: now - upstream.sinceLastReport)
        quarantinedUntil = upstream.ejectedFor.map { wallClock.time(at: now + $0) }
        state = AgentsReply.State(upstream)
        slotsIdle = state == .usable ? max(0, upstream.slotsIdle) : 0
        slotsProcessing = upstream.slotsProcessing
        self.condition = condition.kind
        hint =
            upstream.loss.map { AgentsReply.Loss.hint(after: $0.reason) }
            ?? (condition == .unloaded ? nil : condition.hint)
        slotsTotal = upstream.slotsTotal
        slotsLeased = upstream.slotsLeased
        slotsForeign = upstream.slotsForeign
        slotsOthers = upstream.slotsOthers
        slotsCooling = upstream.slotsCooling
        models = upstream.models
        role = upstream.role?.rawValue
        contextSize = upstream.contextSize
        build = upstream.build
        weight = upstream.weight
        speed = upstream.speed
        isSleeping = upstream.isSleeping
        isDraining = upstream.isDraining
        isLeaving = upstream.isLeaving
        requestsAnswered = activity?.answered ?? 0
        tokensPerSecond = ((activity?.tokensPerSecond ?? 0) * 10).rounded() / 10
        cacheHitRatio = activity?.cacheHitRatio.map { ($0 * 1000).rounded() / 1000 }
        onDemand = upstream.residency.map(OnDemandReply.init)
        accelerators = upstream.accelerators.map(AcceleratorReply.init)
        tellsLog = upstream.agent.map(logTellers.contains) ?? false
        loss = upstream.loss.map { AgentsReply.Loss($0, on: wallClock) }
        conflict = upstream.claim.map { AgentsReply.Conflict($0, on: wallClock) }
    }

    /// As it was known last; it has no slots any more.
    init(_ upstream: LostUpstream, _ activity: UpstreamActivity?, on wallClock: WallClockOffset) {
        let condition = AgentProtocol.Condition(upstream.condition)
        agentID = ""
        agentName = upstream.name
        error = upstream.reason.inWords
        externalAddress = upstream.address.description
        isAuthorized = nil
        isSlotsEndpointEnabled = nil
        lastUpdate = wallClock.time(at: upstream.lastReport)
        quarantinedUntil = nil
        state = .lost
        slotsIdle = 0
        slotsProcessing = 0
        self.condition = condition.kind
        hint = AgentsReply.Loss.hint(after: upstream.reason)
        slotsTotal = 0
        slotsLeased = 0
        slotsForeign = 0
        slotsOthers = 0
        slotsCooling = 0
        models = upstream.models
        role = upstream.role?.rawValue
        contextSize = upstream.contextSize
        build = upstream.build
        weight = 1
        speed = 1
        isSleeping = false
        isDraining = upstream.isDraining
        isLeaving = false
        requestsAnswered = activity?.answered ?? 0
        tokensPerSecond = 0
        cacheHitRatio = activity?.cacheHitRatio.map { ($0 * 1000).rounded() / 1000 }
        onDemand = nil
        accelerators = []
        tellsLog = false
        loss = AgentsReply.Loss(upstream, on: wallClock)
        conflict = nil
    }

    enum CodingKeys: String, CodingKey {
        case agentID = "agent_id"
        case agentName = "agent_name"
        case error
        case externalAddress = "external_llamacpp_addr"
        case isAuthorized = "is_authorized"
        case isSlotsEndpointEnabled = "is_slots_endpoint_enabled"
        case lastUpdate = "last_update"
        case quarantinedUntil = "quarantined_until"
        case slotsIdle = "slots_idle"
        case slotsProcessing = "slots_processing"
        case state
        case condition
        case hint
        case slotsTotal = "slots_total"
        case slotsLeased = "slots_leased"
        case slotsForeign = "slots_foreign"
        case slotsOthers = "slots_others"
        case slotsCooling = "slots_cooling"
        case models
        case role
        case contextSize = "context_size"
        case build
        case weight
        case speed
        case isSleeping = "is_sleeping"
        case isDraining = "draining"
        case isLeaving = "leaving"
        case requestsAnswered = "requests_answered"
        case tokensPerSecond = "tokens_per_second"
        case cacheHitRatio = "cache_hit_ratio"
        case onDemand = "on_demand"
        case accelerators
        case tellsLog = "tells_log"
        case loss = "lost"
        case conflict
    }
}

extension AgentsReply.Loss {
    fileprivate static func hint(after reason: Departure) -> String {
        let whatToDo =
            switch reason {
            case .tokenWithdrawn: "give its agent one of the management tokens"
            case .certificateWithdrawn: "give its agent a certificate that the balancer takes (--management-client-ca)"
            case .goodbye, .moved, .dismissed, .connectionEnded, .silence: "see whether the machine and its agent run"
            }
        return "\(whatToDo); if it is gone for good, paddler forget takes it off the list"
    }

    init(_ upstream: LostUpstream, on wallClock: WallClockOffset) {
        since = wallClock.time(at: upstream.since)
        reason = upstream.reason.inWords
        agentID = upstream.agent.rawValue
    }
}

extension AgentsReply.State {
    init(_ upstream: UpstreamSnapshot) {
        self =
            if upstream.loss != nil {
                .lost
            } else if upstream.agent == nil {
                .left
            } else if upstream.isSilent {
                .silent
            } else if upstream.condition == .unloaded {
                .unloaded
            } else if upstream.condition != .ready {
                .notReady
            } else if upstream.isDraining || upstream.isLeaving {
                .draining
            } else if upstream.ejectedFor != nil {
                .ejected
            } else {
                .usable
            }
    }
}

/// What Paddler 1.x made of the same observations.
extension AgentProtocol.Condition {
    fileprivate var errorText: String? {
        switch self {
        case .ready, .unauthorized, .slotsDisabled, .unloaded: nil
        case .loading: "llama-server is loading its model"
        case .unresponsive: "llama-server does not answer"
        case .stuck(let message): "llama-server is stuck" + (message.isEmpty ? "" : ": \(message)")
        case .down(let message): message.isEmpty ? "llama-server cannot be reached" : message
        case .restarting(let message): "llama-server is being started again" + (message.isEmpty ? "" : ": \(message)")
        case .failing(let message): "llama-server is failing" + (message.isEmpty ? "" : ": \(message)")
        case .unexpected(let message): message.isEmpty ? "llama-server answered something unexpected" : message
        }
    }

    fileprivate var isAuthorized: Bool? {
        switch self {
        case .ready: true
        case .unauthorized: false
        case .loading, .unresponsive, .stuck, .down, .slotsDisabled, .restarting, .failing, .unloaded, .unexpected: nil
        }
    }

    fileprivate var isSlotsEndpointEnabled: Bool? {
        switch self {
        case .ready: true
        case .slotsDisabled: false
        case .loading, .unresponsive, .stuck, .down, .unauthorized, .restarting, .failing, .unloaded,
            .unexpected:
            nil
        }
    }
}
