// What requests may call models besides their own names, and what they get where the first of those can't be had.

import LlamaServer

extension Scheduler {
    /// From now on requests are placed by these rules; those that wait stay where they are.
    public mutating func setModelRules(_ rules: ModelRules, at now: Instant) {
        _ = advance(to: now)
        modelRules = rules
        fallbackAfter = rules.fallbackAfter.map { max(.zero, Nanoseconds($0)) }
    }

    // MARK: - What a name stands for

    /// What a request asks for when its alias, if it names one, is replaced by a model.
    enum Meaning {
        /// It names none.
        case asNamed
        case oneOf(ModelChoice)
        /// Nobody has ever served any of its models.
        case nothing
    }

    /// - Returns: nil if nobody has ever served any of the models that it stands for.
    @inline(__always)
    func meant(by demand: RequestDemand, at now: Instant) -> (RequestDemand, ModelChoice?)? {
        switch meaning(of: demand.model, at: now) {
        case .asNamed: return (demand, nil)
        case .nothing: return nil
        case .oneOf(let choice):
            var demand = demand
            demand.model = choice.name
            return (demand, choice)
        }
    }

    func meaning(of model: String?, at now: Instant) -> Meaning {
        // Where all servers serve one model, they serve it by any name.
        guard !modelRules.aliases.isEmpty, fleet.pools.isDivided, let name = model ?? limits.defaultModel,
            let names = modelRules.aliases[name]
        else { return .asNamed }
        let pools = names.map { fleet.models.isKnown($0) ? fleet.pools.number(of: $0) : nil }
        let idle = fallbackAfter == .zero ? pools.firstIndex { $0.map { fleet.pools[$0].best != nil } == true } : nil
        let position =
            idle ?? pools.firstIndex { $0.map(hasServer) == true } ?? pools.firstIndex { $0 != nil }
        return position.map { .oneOf(ModelChoice(names, at: $0, since: now)) } ?? .nothing
    }

    /// Why a request that names an alias doesn't get this model of its list; nil: nothing is against it.
    func whyNotMeant(_ name: String) -> Explanation.Candidate.Obstacle? {
        guard fleet.models.isKnown(name), let pool = fleet.pools.number(of: name) else { return .unknown }
        guard hasServer(pool) else { return .noUsableServer }
        return fallbackAfter == .zero && fleet.pools[pool].best == nil ? .noIdleSlot : nil
    }

    /// The name by which servers know what a request means that needs no slot; nil: any server will do.
    func servedName(of model: String?) -> String? {
        switch meaning(of: model, at: Instant(nanoseconds: 0)) {
        case .asNamed: model
        case .oneOf(let choice): choice.name
        case .nothing: nil
        }
    }

    /// What a request's model is called where it goes; nil: as the request calls it.
    @inline(__always)
    func nameToWrite(for request: Int, at upstream: Int) -> String? {
        if let choice = ledger[request].choice { return choice.name }
        return ledger[request].isNamed ? name(of: ledger[request].demand.model, at: upstream) : nil
    }

    /// What a model is called by an upstream that was chosen by others; nil: as it is called here.
    public func name(of model: String?, at upstream: UpstreamID) -> String? {
        fleet.index(of: upstream).flatMap { name(of: model, at: $0) }
    }

    private func name(of model: String?, at upstream: Int) -> String? {
        guard !modelRules.aliases.isEmpty, fleet.pools.isDivided,
            let names = (model ?? limits.defaultModel).flatMap({ modelRules.aliases[$0] })
        else { return nil }
        return names.first { name in
            fleet.pools.number(of: name).map { fleet.pools.isMember(upstream, of: $0) } == true
        }
    }

    /// One that waits, or comes back, may have been placed when its name decided nothing.
    mutating func chooseAgain(_ request: Int, at now: Instant) {
        // Hot, where many wait: what is asked next works on a copy of all.
        guard !modelRules.aliases.isEmpty, ledger[request].choice == nil,
            case .oneOf(let choice) = meaning(of: ledger[request].demand.model, at: now)
        else { return }
        ledger[request].demand.model = choice.name
        ledger[request].choice = choice
    }

    /// Those by which requests may ask for something, aliases of what is served among them.
    public var knownNames: [String] {
        guard !modelRules.aliases.isEmpty else { return fleet.models.names }
        let aliases = modelRules.aliases.filter { $0.value.contains(where: fleet.models.isKnown) }.keys
        return Set(fleet.models.names).union(aliases).sorted()
    }

    /// Aliases, each with the first of its models that somebody serves now; O(aliases).
    public var servedAliases: [(alias: String, model: String)] {
        modelRules.aliases.sorted { $0.key < $1.key }.compactMap { alias, names in
            names.first(where: isServed).map { (alias, $0) }
        }
    }

    /// How many may wait for the model of this pool, and its name if that is fewer than may wait for any.
    func maximumQueued(in pool: Int) -> (limit: Int, model: String?) {
        guard !modelRules.maximumQueued.isEmpty, let name = fleet.pools.name(of: pool),
            let limit = modelRules.maximumQueued[name], limit < limits.maximumQueued
        else { return (limits.maximumQueued, nil) }
        return (max(0, limit), name)
    }

    private func isServed(_ model: String) -> Bool {
        guard fleet.pools.isDivided else { return fleet.models.isKnown(model) && hasServer(ModelPools.everything) }
        return fleet.pools.number(of: model).map(hasServer) == true
    }

    @inline(__always)
    private func hasServer(_ pool: Int) -> Bool { !fleet.pools[pool].isEmpty }

    // MARK: - Going on to the next

    /// To be called whenever a request begins to wait in a pool.
    mutating func noteFallback(_ request: Int) {
        guard let choice = ledger[request].choice, !choice.isLast else { return }
        let time = fallbackAfter.map { choice.since.advanced(by: $0) }
        fallbacks.insert(request, at: time, hasServer: hasServer(ledger[request].pool))
    }

    /// Those that have waited long enough for a full pool.
    mutating func moveOnDue(at now: Instant) {
        while let due = fallbacks.next, due.instant <= now {
            guard !moveOn(due.request, at: now) else { continue }
            // None of the further ones has a server: there may be one later.
            fallbacks.insert(due.request, at: now.advanced(by: Self.again), hasServer: true)
        }
    }

    private static let again = Nanoseconds(.seconds(1))

    /// Those whose pool has no usable server any more.
    mutating func moveOnFromDeserted(at now: Instant) {
        guard !fallbacks.isEmpty, fleet.pools.isDivided,
            fallbacks.mayHaveToMove(fleet.pools.touched.map { ($0, hasServer($0)) })
        else { return }
        let deserted = fallbacks.requests.filter { !hasServer(ledger[$0].pool) }
            .sorted { ledger[$0].arrival < ledger[$1].arrival }
        for request in deserted { moveOn(request, at: now) }
    }

    /// To the next of its list that has a usable server, where its arrival places it.
    ///
    /// - Returns: false if there is none: it stays.
    @discardableResult
    private mutating func moveOn(_ request: Int, at now: Instant) -> Bool {
        guard let next = nextOfList(of: request) else { return false }
        dequeue(request)
        ledger[request].choice?.take(next.position, at: now)
        ledger[request].demand = next.demand
        ledger[request].mostElsewhere = holders(of: next.demand.trail, in: next.pool).first?.bytes ?? 0
        counters.fellBack += 1
        insert(request, into: next.pool)
        return true
    }

    /// The next on its list for which a usable server does what the request asks for.
    private func nextOfList(of request: Int) -> (position: Int, demand: RequestDemand, pool: Int)? {
        guard fleet.pools.isDivided, let choice = ledger[request].choice else { return nil }
        var demand = ledger[request].demand
        for further in choice.further {
            demand.model = further.name
            guard case .pool(let pool) = place(for: demand), hasServer(pool) else { continue }
            return (further.position, demand, pool)
        }
        return nil
    }
}

extension Scheduler {
    func checkFallbacks(_ found: inout [String]) {
        found += fallbacks.violations()
        for request in ledger.indices {
            let hasFurther = ledger[request].isQueued && ledger[request].choice?.isLast == false
            if hasFurther != fallbacks.contains(request) {
                found.append("request \(request) has further models: \(hasFurther), and may go on: \(!hasFurther)")
            }
            guard hasFurther, fleet.pools.isDivided, !hasServer(ledger[request].pool) else { continue }
            if nextOfList(of: request) != nil { found.append("request \(request) waits for a model without a server") }
        }
    }

    /// The model of the servers that such a request may go to; nil: there are several, or they don't say.
    package func nameOfServers(for demand: RequestDemand) -> String? {
        guard case .pool(let pool) = place(for: demand) else { return nil }
        return fleet.pools.name(of: pool)
    }

    /// Whether names decide where requests go.
    package var hasSeveralModels: Bool { fleet.pools.isDivided }

    /// When a waiting request looks for another model of its alias's; nil: it has none.
    package func fallbackTime(of ticket: QueueTicket) -> Instant? {
        ledger.index(of: ticket).flatMap { fallbacks.time(of: $0) }
    }

    /// Which model of its alias's a waiting request waits for; nil: it named none.
    package func choice(of ticket: QueueTicket) -> String? {
        guard let index = ledger.index(of: ticket), ledger[index].isQueued else { return nil }
        return ledger[index].choice?.name
    }
}
