/// `POST /api/v1/explain`, as far as people are shown it.
public struct ExplanationDocument: Equatable, Sendable {
    public var model: String?
    public var modelResolution: String
    public var resolvedModel: String?
    /// What its alias stands for, in the operator's order.
    public var aliasModels: [Candidate]
    public var slots: Int
    public var promptBytes: Int
    public var isOfSession: Bool
    /// nil: nobody's in particular, or a balancer that doesn't say.
    public var tenant: Share?
    public var servedClass: String?
    /// `dispatch`, `held`, `queued` or `reject`; a newer balancer may say something else.
    public var outcome: String
    public var upstream: String?
    public var reason: String?
    public var ahead: Int?
    public var expectedWaitSeconds: Double?
    public var heldAtMostSeconds: Double?
    public var status: Int?
    public var message: String?
    public var upstreams: [Upstream]
    public var upstreamsTotal: Int

    public struct Share: Equatable, Sendable {
        public var name: String
        public var running: Int
        public var maximumRunning: Int?
        public var waiting: Int
        public var maximumWaiting: Int?
        public var isAtMaximumRunning: Bool
        public var tenantsAhead: Int
    }

    public struct Candidate: Equatable, Sendable {
        public var model: String
        public var isChosen: Bool
        /// In words; nil: nothing is against it.
        public var why: String?
    }

    public struct Upstream: Equatable, Sendable {
        public var id: String
        public var name: String?
        public var address: String
        public var mayServe: Bool
        /// In words; nil: it could have the request.
        public var why: String?
        public var slotsIdle: Int
        public var slotsTotal: Int
        public var promptBytesFound: Int
        public var position: Int?
    }
}

extension ExplanationDocument: Decodable {
    enum CodingKeys: String, CodingKey {
        case model
        case modelResolution = "model_resolution"
        case resolvedModel = "resolved_model"
        case aliasModels = "alias_models"
        case slots
        case promptBytes = "prompt_bytes"
        case isOfSession = "is_of_session"
        case tenant
        case servedClass = "class"
        case outcome, upstream, reason, ahead
        case expectedWaitSeconds = "expected_wait_seconds"
        case heldAtMostSeconds = "held_at_most_seconds"
        case status, message, upstreams
        case upstreamsTotal = "upstreams_total"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        outcome = try values.decode(String.self, forKey: .outcome)
        upstreams = try values.decode([Upstream].self, forKey: .upstreams)
        model = values.value(.model)
        modelResolution = values.value(.modelResolution) ?? ""
        resolvedModel = values.value(.resolvedModel)
        aliasModels = values.value(.aliasModels) ?? []
        slots = values.count(.slots) ?? 1
        promptBytes = values.value(.promptBytes) ?? 0
        isOfSession = values.value(.isOfSession) ?? false
        tenant = values.value(.tenant)
        servedClass = values.value(.servedClass)
        upstream = values.value(.upstream)
        reason = values.value(.reason)
        ahead = values.count(.ahead)
        expectedWaitSeconds = values.amount(.expectedWaitSeconds)
        heldAtMostSeconds = values.amount(.heldAtMostSeconds)
        status = values.count(.status)
        message = values.value(.message)
        upstreamsTotal = values.count(.upstreamsTotal) ?? upstreams.count
    }
}

extension ExplanationDocument.Share: Decodable {
    enum CodingKeys: String, CodingKey {
        case name, running, waiting
        case maximumRunning = "max_running"
        case maximumWaiting = "max_waiting"
        case isAtMaximumRunning = "is_at_max_running"
        case tenantsAhead = "tenants_ahead"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        running = values.count(.running) ?? 0
        maximumRunning = values.count(.maximumRunning)
        waiting = values.count(.waiting) ?? 0
        maximumWaiting = values.count(.maximumWaiting)
        isAtMaximumRunning = values.value(.isAtMaximumRunning) ?? false
        tenantsAhead = values.count(.tenantsAhead) ?? 0
    }
}

extension ExplanationDocument.Candidate: Decodable {
    enum CodingKeys: String, CodingKey {
        case model
        case isChosen = "is_chosen"
        case why
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        model = try values.decode(String.self, forKey: .model)
        isChosen = values.value(.isChosen) ?? false
        why = values.value(.why)
    }
}

extension ExplanationDocument.Upstream: Decodable {
    enum CodingKeys: String, CodingKey {
        case id = "agent_id"
        case name = "agent_name"
        case address = "external_llamacpp_addr"
        case mayServe = "may_serve"
        case why
        case slotsIdle = "slots_idle"
        case slotsTotal = "slots_total"
        case promptBytesFound = "prompt_bytes_found"
        case position
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        address = try values.decode(String.self, forKey: .address)
        id = values.value(.id) ?? ""
        name = values.value(.name)
        mayServe = values.value(.mayServe) ?? false
        why = values.value(.why)
        slotsIdle = values.count(.slotsIdle) ?? 0
        slotsTotal = values.count(.slotsTotal) ?? 0
        promptBytesFound = values.value(.promptBytesFound) ?? 0
        position = values.count(.position)
    }
}
