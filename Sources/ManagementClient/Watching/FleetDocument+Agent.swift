extension FleetDocument {
    /// An upstream and the agent that speaks for it.
    package struct Agent: Equatable, Sendable {
        /// Empty while its agent is away.
        package var id = ""
        package var name: String?
        /// What makes it the same upstream, whoever is its agent.
        package var address: String
        package var state: FleetDocument.State = .usable
        /// What the agent says of its llama-server, `ready` or what is wrong.
        package var condition: String?
        package var error: String?
        package var hint: String?
        package var slots = FleetDocument.Slots()
        package var models: [String] = []
        /// What it was started for.
        package var role: String?
        /// Tokens for each slot.
        package var contextSize: Int?
        package var build: String?
        package var weight = 1
        package var speed = 1
        package var isSleeping = false
        package var isDraining = false
        package var isLeaving = false
        package var isAuthorized: Bool?
        package var isSlotsEndpointEnabled: Bool?
        /// Seconds since 1970 by the balancer's clock.
        package var lastUpdate: Double?
        package var quarantinedUntil: Double?
        /// Nil: it isn't lost, or the balancer doesn't say.
        package var loss: Loss?
        /// A second agent that says that it speaks for it, as people call it; nil: there is none.
        package var claimant: String?
        /// Over the last ten seconds.
        package var tokensPerSecond: Double?
        /// 0...1.
        package var cacheHitRatio: Double?
        /// Since the balancer started.
        package var requestsAnswered: Int?
        /// Nil: nobody loads and unloads it, or the balancer doesn't say.
        package var onDemand: OnDemand?
        package var accelerators: [Accelerator] = []
        /// Whether the balancer can have its log.
        package var tellsLog = false

        package init(address: String) {
            self.address = address
        }

        /// As draining and undraining want it.
        package var listed: ListedAgent {
            ListedAgent(id: id, name: name, address: address, slotsLeased: slots.leased, isDraining: isDraining)
        }
    }

    /// Whether an upstream is used, or the first reason why not.
    package enum State: String, Sendable, CaseIterable {
        /// Its agent went without a word, and nobody speaks for it since.
        case lost
        case left, silent
        /// Its agent loads it when somebody asks for its model.
        case unloaded
        case notReady = "not_ready"
        case draining, ejected, usable
    }

    /// How an upstream was lost.
    package struct Loss: Equatable, Sendable {
        /// Seconds since 1970 by the balancer's clock.
        package var since: Double?
        package var reason: String?

        package init(since: Double? = nil, reason: String? = nil) {
            self.since = since
            self.reason = reason
        }
    }

    /// Of one upstream.
    package struct Slots: Equatable, Sendable {
        package var total = 0
        /// By requests of this balancer.
        package var leased = 0
        /// By requests of others.
        package var foreign = 0
        /// How many of these are other balancers'.
        package var others = 0
        /// Perhaps still by a request whose client left.
        package var cooling = 0

        package init(total: Int = 0, leased: Int = 0, foreign: Int = 0, cooling: Int = 0) {
            self.total = total
            self.leased = leased
            self.foreign = foreign
            self.cooling = cooling
        }

        package var busy: Int { leased + foreign + cooling }
    }
}

extension FleetDocument.Agent: Decodable {
    enum CodingKeys: String, CodingKey {
        case id = "agent_id"
        case name = "agent_name"
        case address = "external_llamacpp_addr"
        case state, condition, error, hint
        case slotsTotal = "slots_total"
        case slotsLeased = "slots_leased"
        case slotsForeign = "slots_foreign"
        case slotsOthers = "slots_others"
        case slotsCooling = "slots_cooling"
        case slotsIdle = "slots_idle"
        case slotsProcessing = "slots_processing"
        case models
        case role
        case contextSize = "context_size"
        case build
        case weight
        case speed
        case isSleeping = "is_sleeping"
        case isDraining = "draining"
        case isLeaving = "leaving"
        case isAuthorized = "is_authorized"
        case isSlotsEndpointEnabled = "is_slots_endpoint_enabled"
        case lastUpdate = "last_update"
        case quarantinedUntil = "quarantined_until"
        case tokensPerSecond = "tokens_per_second"
        case cacheHitRatio = "cache_hit_ratio"
        case requestsAnswered = "requests_answered"
        case onDemand = "on_demand"
        case accelerators
        case tellsLog = "tells_log"
        case loss = "lost"
        case conflict
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(address: try values.decode(String.self, forKey: .address))
        id = values.value(.id) ?? ""
        name = values.value(.name)
        condition = values.value(.condition)
        error = values.value(.error)
        hint = values.value(.hint)
        models = values.value(.models) ?? []
        role = values.value(.role)
        contextSize = values.count(.contextSize)
        build = values.value(.build)
        weight = values.count(.weight) ?? 1
        speed = values.count(.speed) ?? 1
        isSleeping = values.value(.isSleeping) ?? false
        isDraining = values.value(.isDraining) ?? false
        isLeaving = values.value(.isLeaving) ?? false
        isAuthorized = values.value(.isAuthorized)
        isSlotsEndpointEnabled = values.value(.isSlotsEndpointEnabled)
        lastUpdate = values.time(.lastUpdate)
        quarantinedUntil = values.time(.quarantinedUntil)
        tokensPerSecond = values.amount(.tokensPerSecond)
        cacheHitRatio = values.amount(.cacheHitRatio).map { min($0, 1) }
        requestsAnswered = values.value(.requestsAnswered)
        onDemand = values.value(.onDemand)
        accelerators = values.value(.accelerators) ?? []
        tellsLog = values.value(.tellsLog) ?? false
        loss = values.value(.loss)
        claimant = values.value(.conflict, Conflict.self)?.inWords
        state = FleetDocument.State(
            values,
            isWell: error == nil && isAuthorized != false && isSlotsEndpointEnabled != false
        )
        slots = FleetDocument.Slots(values)
    }
}

extension FleetDocument.State {
    /// - Parameter isWell: what Paddler 1.x's fields make of it, where there is no state.
    fileprivate init(_ values: KeyedDecodingContainer<FleetDocument.Agent.CodingKeys>, isWell: Bool) {
        guard let word = values.value(.state, String.self) else {
            self = isWell ? .usable : .notReady
            return
        }
        self = Self(rawValue: word) ?? .notReady
    }
}

extension FleetDocument.Loss: Decodable {
    enum CodingKeys: CodingKey {
        case since, reason
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(since: values.time(.since), reason: values.value(.reason))
    }
}

/// Who else says that it speaks for an upstream.
private struct Conflict: Decodable {
    let id: String
    let name: String?

    var inWords: String { name.map { "\($0) (\(id))" } ?? id }

    enum CodingKeys: String, CodingKey {
        case id = "agent_id"
        case name = "agent_name"
    }
}

extension FleetDocument.Slots {
    fileprivate init(_ values: KeyedDecodingContainer<FleetDocument.Agent.CodingKeys>) {
        // Paddler 1.x says only these two.
        let processing = values.count(.slotsProcessing) ?? 0
        total = values.count(.slotsTotal) ?? processing + (values.count(.slotsIdle) ?? 0)
        leased = values.count(.slotsLeased) ?? processing
        foreign = values.count(.slotsForeign) ?? 0
        others = values.count(.slotsOthers) ?? 0
        cooling = values.count(.slotsCooling) ?? 0
    }
}
