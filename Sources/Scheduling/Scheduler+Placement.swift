// What is loaded and unloaded for those who wait.

extension Scheduler {
    /// An operator wants a model loaded or unloaded; its agent decides.
    ///
    /// - Returns: nil if nobody loads and unloads what this agent speaks for.
    public mutating func ask(_ wish: ModelWish, of agent: AgentID, at now: Instant) -> Decisions? {
        let now = advance(to: now)
        guard let upstream = agents.index(of: agent).flatMap({ agents[$0]?.upstream }),
            placement.servers[upstream] != nil
        else { return nil }
        placement.asked(wish, of: upstream, at: now)
        var decisions = Decisions()
        if placement.servers[upstream]?.wish?.reason == .asked {
            tell(wish, to: upstream, .asked, &decisions, at: now)
        }
        return decisions
    }

    /// To be called when everything else that time brings is done.
    mutating func place(_ decisions: inout Decisions, at now: Instant) {
        guard let due = placement.due(after: now), due <= now else { return }
        let (wants, uses) = (wants(at: now), uses)
        let verdict = placement.decide(wants, uses, at: now)
        for (upstream, wish, reason) in verdict.wishes { tell(wish, to: upstream, reason, &decisions, at: now) }
        for (pool, reason) in verdict.hopeless { rejectAll(in: pool, reason, &decisions, at: now) }
        rejectNameless(&decisions)
        placement.looked()
    }

    /// Where none of several models is loaded, those who need no slot and name none wait for nothing.
    private mutating func rejectNameless(_ decisions: inout Decisions) {
        guard slotless.count > 0, fleet.pools.isDivided, fleet.summary.usable == 0,
            placement.servers.count == fleet.count
        else { return }
        for one in slotless.take(where: { $0.model == nil }) {
            decisions.append(.reject(one.request, .modelNotNamed(known: knownNames)))
        }
    }

    /// Whether a model is being loaded for those who wait in this pool.
    func isLoading(for pool: Int) -> Bool {
        placement.servers.contains { upstream, server in
            server.isAwaited && fleet.pools.pools(of: upstream).contains(pool)
        }
    }

    mutating func tell(
        _ wish: ModelWish,
        to upstream: Int,
        _ reason: WishReason?,
        _ decisions: inout Decisions,
        at now: Instant
    ) {
        guard let owner = fleet[upstream].owner, let agent = agents[owner] else { return }
        fleet.noteChange(upstream)
        decisions.append(.wish(wish, isOrder: placement.servers[upstream]?.wish?.reason == .asked, agent.id))
        guard let reason else { return }
        switch wish {
        case .load: counters.loadsWished += 1
        case .unload: counters.unloadsWished += 1
        }
        note(.wished(wish, reason), of: upstream, at: now)
    }

    // MARK: - Who waits for what

    private func wants(at now: Instant) -> [Placement.Want] {
        var members: [Int: [Int]] = [:]
        for upstream in placement.servers.keys.sorted() where mayLoad(upstream) {
            for pool in fleet.pools.pools(of: upstream) { members[pool, default: []].append(upstream) }
        }
        var waits = waitsWithoutSlot(at: now)
        for pool in members.keys where isWaitedFor(pool) {
            let longest = queue.firsts(in: pool).map { waited($0, at: now) }.max() ?? .zero
            waits[pool] = max(waits[pool] ?? .zero, longest)
        }
        return waits.compactMap { pool, waited in
            guard let servers = members[pool] else { return nil }
            let usable = fleet.pools[pool].count
            return Placement.Want(
                servers: servers,
                usable: usable,
                waited: waited,
                hasOthers: usable == 0 && hasOthers(than: servers, in: pool),
                pool: pool
            )
        }
    }

    /// Where an agent can be asked for it, and requests may be sent then.
    private func mayLoad(_ upstream: Int) -> Bool {
        fleet[upstream].owner != nil && !fleet[upstream].isSilent && !fleet[upstream].isDraining
    }

    /// Whether somebody would run at once if there were a slot.
    private func isWaitedFor(_ pool: Int) -> Bool {
        guard queue.count(in: pool) > 0 else { return false }
        return queue.first(in: pool) != nil || queue.firstWide(in: pool) != nil
    }

    private func waitsWithoutSlot(at now: Instant) -> [Int: Nanoseconds] {
        guard slotless.count > 0 else { return [:] }
        var waits: [Int: Nanoseconds] = [:]
        for model in Set(slotless.models) {
            let pool = poolOfSlotless(for: model)
            guard fleet.pools[pool].isEmpty else { continue }
            waits[pool] = slotless.oldest.map { now.since($0) } ?? .zero
        }
        return waits
    }

    /// Whether another server of the pool is or was there: not loaded on demand, or not to be asked now.
    private func hasOthers(than servers: [Int], in pool: Int) -> Bool {
        if let name = fleet.pools.name(of: pool), lost.served.contains(where: { $0.models.contains(name) }) {
            return true
        }
        return fleet.upstreams.indices.contains { index in
            fleet.isKnown(index) && !servers.contains(index) && fleet.pools.isMember(index, of: pool)
        }
    }

    private var uses: [Int: Placement.Use] {
        Dictionary(uniqueKeysWithValues: placement.servers.keys.map { ($0, use(of: $0)) })
    }

    private func use(of upstream: Int) -> Placement.Use {
        let isIdle = fleet[upstream].processing == 0
        return Placement.Use(
            isUnused: isIdle && !fleet.pools.pools(of: upstream).contains { isWaitedFor($0) },
            lastUsed: fleet[upstream].lastUsed
        )
    }

    private mutating func rejectAll(in pool: Int, _ reason: String, _ decisions: inout Decisions, at now: Instant) {
        let model = fleet.pools.name(of: pool)
        while let request = queue.firsts(in: pool).first {
            rejectQueued(request, .modelFailed(model, reason: reason), at: now, &decisions)
        }
    }
}

// MARK: - Time that a load takes

extension Scheduler {
    private static let extensionStep = Nanoseconds(.seconds(1))
    /// Longer than its time, and so much more, nobody waits.
    private static let longestExtension = Nanoseconds(.seconds(600))

    /// Who waits for a model that is being loaded waits on when its time is up.
    ///
    /// - Returns: whether it does.
    mutating func waitsOn(_ request: Int, at now: Instant) -> Bool {
        guard !placement.isEmpty, !queue.held.contains(request),
            waited(request, at: now) < limits.queueTimeout + Self.longestExtension, phase != .closed
        else { return false }
        let pool = ledger[request].pool
        guard isLoading(for: pool) else { return false }
        dequeue(request)
        insert(request, into: pool, extended: now.advanced(by: Self.extensionStep))
        return true
    }
}
