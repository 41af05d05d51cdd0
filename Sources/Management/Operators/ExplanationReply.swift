import AccessControl
import AgentProtocol
import AgentReception
import LlamaServer
import Scheduling

/// `POST /api/v1/explain`: what would become of a request now, and why.
struct ExplanationReply: Codable, Equatable {
    /// That the request would be sent to.
    let path: String
    /// As the request names it.
    @NullWhenNil var model: String?
    let modelResolution: String
    /// The name that decides; null: none does.
    @NullWhenNil var resolvedModel: String?
    /// All that its alias stands for, in the operator's order; empty: it names none.
    let aliasModels: [Candidate]
    let slots: Int
    /// How much of its prompt was read to find out where it lies.
    let promptBytes: Int
    /// Whether it goes by its session instead.
    let isOfSession: Bool
    /// Whose it is, and what that one has; null: nobody's in particular.
    @NullWhenNil var tenant: Share?
    /// The class in which it would be served.
    let servedClass: String
    /// `dispatch`, `held`, `queued` or `reject`.
    let outcome: String
    /// Where it goes, or waits to go: a server's address.
    @NullWhenNil var upstream: String?
    /// As `X-Paddler-Reason`.
    @NullWhenNil var reason: String?
    /// How many wait for the same, before it.
    @NullWhenNil var ahead: Int?
    @NullWhenNil var expectedWaitSeconds: Double?
    /// How long it waits for `upstream` before it may go anywhere.
    @NullWhenNil var heldAtMostSeconds: Double?
    /// What its client would be answered instead.
    @NullWhenNil var status: Int?
    @NullWhenNil var message: String?
    let upstreams: [Upstream]
    /// All that there are, listed or not.
    let upstreamsTotal: Int

    struct Share: Codable, Equatable {
        let name: String
        let running: Int
        /// null: any number.
        @NullWhenNil var maximumRunning: Int?
        let waiting: Int
        @NullWhenNil var maximumWaiting: Int?
        /// Whether as many run as may, so that one of them must end first.
        let isAtMaximumRunning: Bool
        /// Others whose turn is before its own.
        let tenantsAhead: Int

        enum CodingKeys: String, CodingKey {
            case name, running, waiting
            case maximumRunning = "max_running"
            case maximumWaiting = "max_waiting"
            case isAtMaximumRunning = "is_at_max_running"
            case tenantsAhead = "tenants_ahead"
        }
    }

    struct Candidate: Codable, Equatable {
        let model: String
        /// Whether the request gets this one.
        let isChosen: Bool
        /// One word for why it can't be had now; null: nothing is against it.
        @NullWhenNil var obstacle: String?
        /// The same in words.
        @NullWhenNil var why: String?

        enum CodingKeys: String, CodingKey {
            case model
            case isChosen = "is_chosen"
            case obstacle
            case why
        }
    }

    struct Upstream: Codable, Equatable {
        let agentID: String
        @NullWhenNil var agentName: String?
        let externalAddress: String
        let mayServe: Bool
        /// One word for why it can't have the request now; null: it can.
        @NullWhenNil var obstacle: String?
        /// The same in words.
        @NullWhenNil var why: String?
        let slotsIdle: Int
        let slotsTotal: Int
        let slotsLeased: Int
        let promptBytesFound: Int
        /// In the order of picking, from 1.
        @NullWhenNil var position: Int?

        enum CodingKeys: String, CodingKey {
            case agentID = "agent_id"
            case agentName = "agent_name"
            case externalAddress = "external_llamacpp_addr"
            case mayServe = "may_serve"
            case obstacle
            case why
            case slotsIdle = "slots_idle"
            case slotsTotal = "slots_total"
            case slotsLeased = "slots_leased"
            case promptBytesFound = "prompt_bytes_found"
            case position
        }
    }

    enum CodingKeys: String, CodingKey {
        case path
        case model
        case modelResolution = "model_resolution"
        case resolvedModel = "resolved_model"
        case aliasModels = "alias_models"
        case slots
        case promptBytes = "prompt_bytes"
        case isOfSession = "is_of_session"
        case tenant
        case servedClass = "class"
        case outcome
        case upstream
        case reason
        case ahead
        case expectedWaitSeconds = "expected_wait_seconds"
        case heldAtMostSeconds = "held_at_most_seconds"
        case status
        case message
        case upstreams
        case upstreamsTotal = "upstreams_total"
    }
}

extension ExplanationReply {
    init(_ explanation: Explanation, of asker: Asker, path: String) {
        self.path = path
        model = explanation.model
        (modelResolution, resolvedModel) = Self.words(explanation.resolution)
        aliasModels = explanation.candidates.map(Candidate.init)
        slots = explanation.slots
        promptBytes = explanation.promptBytes
        isOfSession = explanation.isOfSession
        tenant = asker.tenant.flatMap { tenant in explanation.share.map { Share($0, of: tenant) } }
        servedClass = asker.classes.name(of: asker.rank)
        // The one that is chosen stands first.
        let chosen = explanation.outcome.upstream == nil ? nil : explanation.upstreams.first?.address.description
        switch explanation.outcome {
        case .dispatch(_, let choice):
            outcome = "dispatch"
            upstream = chosen
            reason = choice.description
        case .held(_, let limit, let ahead, let wait):
            outcome = "held"
            upstream = chosen
            reason = Choice.Ground.held.rawValue
            self.ahead = ahead
            expectedWaitSeconds = wait.map(Self.seconds)
            heldAtMostSeconds = Self.seconds(limit)
        case .queued(let ahead, let wait):
            outcome = "queued"
            self.ahead = ahead
            expectedWaitSeconds = wait.map(Self.seconds)
        case .refused(let status, let message):
            outcome = "reject"
            self.status = status
            self.message = message
        case .rejected:
            // Nobody has said what its client is told.
            outcome = "reject"
        }
        upstreams = explanation.upstreams.map(Upstream.init)
        upstreamsTotal = explanation.upstreamCount
    }

    private static func words(_ resolution: Explanation.Resolution) -> (String, String?) {
        switch resolution {
        case .anything: ("any", nil)
        case .named(let name): ("named", name)
        case .alias(let name): ("alias", name)
        case .byDefault(let name): ("default", name)
        case .nameless: ("nameless", nil)
        case .unknown(let name): ("unknown", name)
        case .notNamed: ("not_named", nil)
        }
    }

    private static func seconds(_ duration: Duration) -> Double {
        (duration / .milliseconds(1)).rounded() / 1000
    }
}

extension ExplanationReply.Share {
    init(_ share: Explanation.Share, of tenant: Tenant) {
        name = tenant.name
        running = share.running
        maximumRunning = tenant.maximumRunning
        waiting = share.waiting
        maximumWaiting = tenant.maximumWaiting
        isAtMaximumRunning = share.isAtLimit
        tenantsAhead = share.tenantsAhead
    }
}

extension ExplanationReply.Candidate {
    init(_ candidate: Explanation.Candidate) {
        model = candidate.model
        isChosen = candidate.isChosen
        switch candidate.obstacle {
        case .unknown: (obstacle, why) = ("unknown", "no server serves it")
        case .noUsableServer: (obstacle, why) = ("no_usable_server", "none of its servers can be used")
        case .noIdleSlot: (obstacle, why) = ("no_idle_slot", "none of its slots is idle")
        case nil: (obstacle, why) = (nil, nil)
        }
    }
}

extension ExplanationReply.Upstream {
    init(_ upstream: Explanation.Upstream) {
        agentID = upstream.agent?.rawValue ?? ""
        agentName = upstream.name
        externalAddress = upstream.address.description
        mayServe = upstream.mayServe
        (obstacle, why) = upstream.obstacle.map(Self.words) ?? (nil, nil)
        slotsIdle = upstream.slotsIdle
        slotsTotal = upstream.slotsTotal
        slotsLeased = upstream.slotsLeased
        promptBytesFound = upstream.promptFound
        position = upstream.position
    }

    private static func words(_ obstacle: Explanation.Obstacle) -> (String, String) {
        switch obstacle {
        case .otherModel: ("other_model", "it serves another model")
        case .otherWork(let role): ("other_work", "it was started for \(role.rawValue)")
        case .noRoom(let context):
            ("no_room", "a context of \(context) tokens is too small for the prompt, and there are larger ones")
        case .modelNotNamed: ("model_not_named", "the request doesn't say which of several models it wants")
        case .left: ("left", "its agent has left")
        case .silent: ("silent", "its agent says nothing")
        case .notReady(let condition):
            ("not_ready", "its agent says that it isn't ready: \(AgentProtocol.Condition(condition).kind)")
        case .draining: ("draining", "it is being drained")
        case .leaving: ("leaving", "its agent is about to stop")
        case .ejected(let time):
            ("ejected", "requests have failed there: nothing is sent for another \(seconds(time)) s")
        case .noIdleSlot: ("no_idle_slot", "none of its slots is idle")
        case .kept: ("kept", "its idle slots are kept for a request that came before")
        case .tooFewIdle(let needed): ("too_few_idle_slots", "the request takes \(needed) slots at one time")
        }
    }

    private static func seconds(_ duration: Duration) -> Int { Int((duration / .seconds(1)).rounded(.up)) }
}
