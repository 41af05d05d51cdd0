// What each tenant has had, and when its turn is.

extension PoolQueues {
    /// A new request.
    mutating func add(_ terms: TenantTerms?) -> Int? {
        guard let terms else { return nil }
        let before = tenants[terms.tenant]?.terms
        let tenant = tenants.add(terms)
        if let before, before != terms { termsChanged(of: tenant) }
        return tenant
    }

    private mutating func termsChanged(of tenant: Int) {
        for line in tenants[tenant].lines {
            lines[line].weight = tenants[tenant].terms.weight
            settle(line)
            woken.append(pool(of: line))
        }
    }

    /// A request has ended.
    mutating func ended(_ tenant: Int?) {
        guard let tenant else { return }
        tenants.remove(tenant)
    }

    // MARK: - Whose turn it is

    /// When one is served that waits in this line, compared with others of its pool.
    @inline(__always)
    func turn(in line: Int, arrival: UInt64) -> Turn {
        Turn(rank: rank(of: line, arrival), had: lines[line].had, arrival: arrival)
    }

    /// The same, compared with those of other pools: there, whose turn was longest ago.
    @inline(__always)
    func turnAmongPools(in line: Int, arrival: UInt64) -> Turn {
        let last = lines[line].tenant.map { tenants[$0].lastTurn } ?? 0
        return Turn(rank: rank(of: line, arrival), had: last, arrival: arrival)
    }

    @inline(__always)
    private func rank(of line: Int, _ arrival: UInt64) -> UInt8 {
        let number = lines[line].key.classNumber
        guard case .overdue(line, _) = classes[number].standing, lines[line].queue.longestWaiting?.arrival == arrival
        else { return classes[number].priority + 1 }
        return 0
    }

    /// When one would be served that came now.
    func turnOfNew(_ terms: TenantTerms?, _ priority: UInt8, in pool: Int) -> Turn {
        var had: Int64 = 0
        if let terms, let number = classNumber(priority, in: pool) {
            let line = lineNumber(of: .init(classNumber: number, tenant: terms.tenant)).map { lines[$0] }
            had = line?.had ?? 0
            if line?.queue.isEmpty ?? true { had = max(had, classes[number].beginning) }
        }
        return Turn(rank: priority + 1, had: had, arrival: .max)
    }

    /// Of how many others, each in its class, somebody waits who would be served before one that came now; O(lines).
    func tenantsAhead(of terms: TenantTerms, _ priority: UInt8, in pool: Int) -> Int {
        guard pool < pools.count else { return 0 }
        let own = turnOfNew(terms, priority, in: pool)
        return pools[pool].lines.count { line in
            guard lines[line].key.tenant != terms.tenant, !isResting(line),
                let first = lines[line].queue.longestWaiting
            else { return false }
            return turn(in: line, arrival: first.arrival) < own
        }
    }

    /// In how many lines somebody waits.
    func lineCount(in pool: Int) -> Int { pool < pools.count ? pools[pool].lines.count : 0 }

    // MARK: - What it is charged

    /// One that comes after its tenant had nothing that could have gone on is counted from where the others are.
    mutating func catchUp(_ line: Int) {
        guard lines[line].tenant != nil else { return }
        lines[line].had = max(lines[line].had, classes[lines[line].key.classNumber].beginning)
    }

    /// One of a line has got slots.
    ///
    /// - Parameter average: for how long requests have their slots, if nothing is known of this tenant's; nil: nothing is.
    /// - Returns: what it was charged.
    mutating func started(in line: Int, slots: Int, average: Nanoseconds?) -> Int64 {
        guard let tenant = lines[line].tenant else { return 0 }
        if lines[line].queue.isEmpty { catchUp(line) }
        classes[lines[line].key.classNumber].began(lines[line].had)
        let estimate = lines[line].serviceTime.average ?? average ?? .zero
        let charged = SlotTime.of(estimate, slots: slots, weight: lines[line].weight)
        lines[line].had += charged
        tenants.tookTurn(tenant)
        settle(line)
        ran(line, 1)
        return charged
    }

    /// Some or all slots of a request are its no longer.
    ///
    /// - Parameters:
    ///   - charged: as ``started(in:slots:average:)`` said, or what is left of it.
    ///   - time: for how long it had them.
    mutating func correct(_ line: Int, slots: Int, charged: Int64, time: Nanoseconds) {
        guard lines[line].tenant != nil else { return }
        lines[line].had += SlotTime.of(time, slots: slots, weight: lines[line].weight) - charged
        settle(line)
    }

    /// It has no slots any more.
    ///
    /// - Parameter time: for how long it had them; nil: that tells nothing.
    mutating func stopped(in line: Int, time: Nanoseconds?) {
        guard lines[line].tenant != nil else { return }
        if let time { lines[line].serviceTime.note(time) }
        ran(line, -1)
    }

    // MARK: - How much it has running

    /// So many more of a line have a slot, or will have one.
    mutating func ran(_ line: Int, _ change: Int) {
        guard let tenant = lines[line].tenant else { return }
        lines[line].running += change
        let wasAtLimit = tenants[tenant].isAtLimit
        tenants[tenant].running += change
        guard tenants[tenant].isAtLimit != wasAtLimit else { return }
        for line in tenants[tenant].lines {
            settle(line)
            if wasAtLimit { woken.append(pool(of: line)) }
        }
    }

    /// Whether its tenant has as much running as it may.
    func isResting(_ line: Int) -> Bool { lines[line].tenant.map { tenants[$0].isAtLimit } ?? false }

    var hasWoken: Bool { !woken.isEmpty }

    /// Pools in which somebody may go on who couldn't, or comes before others now.
    mutating func takeWoken() -> [Int] {
        guard !woken.isEmpty else { return [] }
        defer { woken.removeAll(keepingCapacity: true) }
        return woken
    }
}
