import LlamaServer

/// The upstreams with everything derived from them: the order of picking, the totals, the history, the timers.
///
/// Bookkeeping only. The rules are the scheduler's, which calls ``changed(_:)`` after every change.
struct Fleet: Sendable {
    private(set) var upstreams: [Upstream] = []
    private(set) var pools: ModelPools
    private(set) var models: ModelDirectory
    private(set) var layout = ModelLayout()
    private(set) var kinds = ServerKinds()
    /// Those whose models have changed, if not everything is to be placed anew. Bounded by the number of upstreams.
    private var unplaced: Set<Int> = []
    private(set) var count = 0

    /// Apart from all else: each lease takes a copy, which is in the processor's cache more often so.
    private var routes: [UpstreamRoute] = []
    private var descriptions: [UpstreamDescription] = []
    /// What each upstream has added to the summary.
    private var shares: [FleetSummary] = []
    private var history = LeaseHistory()
    /// Those that are usable no longer, have got an idle slot, or serve something else, since this was forgotten last.
    private(set) var turned: [Int] = []
    private var timers = IndexedHeap<Instant>()
    /// By the first name of what servers serve.
    private var speeds: [String: SpeedClasses] = [:]
    /// By their identities.
    private var indices: [NetworkAddress: Int] = [:]
    private var names = NameBook()
    private var changes = ChangedUpstreams()
    /// Those whose leases have changed since this was taken last, of agents that want to know; each once or more often.
    private var leaseNews: [Int] = []
    private var free: [Int] = []
    /// Those that an operator drains, known or not, each with its number in their order: an agent that connects again
    /// doesn't end it.
    private var drained: [NetworkAddress: UInt64] = [:]
    private var lastDrain: UInt64 = 0
    private var lastEpoch: UInt64 = 0
    private var lastPick: UInt64 = 0
    private static let nowhere = UpstreamRoute(address: NetworkAddress(host: "", port: 0))
    /// When the last upstream was forgotten: if it comes back, so may samples that show the leases of its former life.
    private var lastForgotten = Instant(nanoseconds: .min)

    init(balance: Balance, strictModels: Bool) {
        pools = ModelPools(balance: balance)
        models = ModelDirectory(isStrict: strictModels)
    }

    /// The totals over all.
    var summary: FleetSummary { pools.summary(of: ModelPools.everything) }

    /// The order of picking among all.
    var picker: UpstreamPicker {
        _read { yield pools[ModelPools.everything] }
    }

    /// The next upstream for which something is due.
    var nextTimer: (upstream: Int, instant: Instant)? { timers.first.map { (Int($0.item), $0.key) } }

    subscript(index: Int) -> Upstream {
        _read { yield upstreams[index] }
        _modify { yield &upstreams[index] }
    }

    // MARK: - Coming and going

    /// - Parameter identity: of its address.
    func index(at identity: NetworkAddress) -> Int? { indices[identity] }

    func index(of id: UpstreamID) -> Int? {
        let index = Int(id.index)
        guard index < upstreams.count, upstreams[index].generation == id.generation else { return nil }
        return index
    }

    func id(of index: Int) -> UpstreamID {
        UpstreamID(index: Int32(index), generation: upstreams[index].generation)
    }

    func route(of index: Int) -> UpstreamRoute { routes[index] }

    /// Those whose agents call them so.
    func bearers(of name: String) -> [Int] { names.bearers(of: name) }

    func isKnown(_ index: Int) -> Bool { upstreams[index].epoch != 0 }

    /// - Parameter route: as its agent names it.
    mutating func add(_ route: UpstreamRoute) -> Int {
        let index: Int
        if let last = free.popLast() {
            index = last
            routes[index] = route
        } else {
            index = upstreams.count
            upstreams.append(Upstream())
            routes.append(route)
            descriptions.append(UpstreamDescription())
            shares.append(FleetSummary())
            pools.addUpstream()
        }
        indices[route.identity] = index
        kinds.add(descriptions[index].kind)
        history.reset(index, from: lastForgotten)
        upstreams[index].isDraining = drained[route.identity] != nil
        beginEpoch(index)
        changes.note(index)
        unplaced.insert(index)
        count += 1
        return index
    }

    mutating func forget(_ index: Int, at now: Instant) {
        lastForgotten = now
        let generation = upstreams[index].generation
        indices[routes[index].identity] = nil
        _ = names.rename(index, from: descriptions[index].name, to: nil)
        models.remove(descriptions[index].models)
        kinds.remove(descriptions[index].kind)
        pools.leave(index, shares[index])
        unplaced.insert(index)
        leaveSpeedClass(index, descriptions[index].models)
        upstreams[index] = Upstream()
        upstreams[index].generation = generation &+ 1
        // Its strings go, its address too.
        routes[index] = Self.nowhere
        descriptions[index] = UpstreamDescription()
        timers.remove(index)
        changed(index)
        free.append(index)
        count -= 1
    }

    mutating func beginEpoch(_ index: Int) {
        lastEpoch += 1
        upstreams[index].epoch = lastEpoch
    }

    /// - Returns: another upstream, if it has taken that one's name.
    mutating func describe(_ index: Int, _ report: UpstreamReport, at now: Instant) -> Int? {
        if routes[index] != report.route { routes[index] = report.route }
        let namesake = names.rename(index, from: descriptions[index].name, to: report.name)
        let before = descriptions[index].kind
        descriptions[index].update(report, at: now)
        let after = descriptions[index].kind
        guard before != after else { return namesake }
        if before.models != after.models { leaveSpeedClass(index, before.models) }
        models.remove(before.models)
        models.add(after.models)
        kinds.remove(before)
        kinds.add(after)
        unplaced.insert(index)
        changes.note(index)
        return namesake
    }

    mutating func setClaim(_ claim: Claim?, on index: Int) {
        descriptions[index].claim = claim
        changes.note(index)
    }

    mutating func toldOfClaim(_ index: Int, at now: Instant) {
        descriptions[index].toldOfClaim(at: now)
    }

    /// - Parameter limit: of addresses that are remembered; of those that are unknown, the first drained makes room.
    /// - Returns: whether that is a change.
    mutating func setDraining(_ address: NetworkAddress, _ isDraining: Bool, limit: Int) -> Bool {
        let address = address.identity
        let isChange = (drained[address] != nil) != isDraining
        if isDraining {
            rememberDrained(address, limit: limit)
        } else {
            drained[address] = nil
        }
        guard let index = indices[address] else { return isChange }
        upstreams[index].isDraining = isDraining
        changed(index)
        return isChange
    }

    func isDrained(_ identity: NetworkAddress) -> Bool { drained[identity] != nil }

    private mutating func rememberDrained(_ address: NetworkAddress, limit: Int) {
        guard drained[address] == nil else { return }
        if drained.count >= limit {
            let unknown = drained.filter { indices[$0.key] == nil }
            guard let oldest = unknown.min(by: { $0.value < $1.value }) else { return }
            drained[oldest.key] = nil
        }
        lastDrain += 1
        drained[address] = lastDrain
    }

    // MARK: - Leases

    mutating func take(_ slots: Int, of index: Int, at now: Instant) {
        let before = upstreams[index].leased
        lastPick += 1
        upstreams[index].lastPick = lastPick
        upstreams[index].leased = before + slots
        history.note(index, from: before, to: before + slots, at: now)
        noteLeases(index)
        changed(index)
    }

    mutating func giveBack(_ slots: Int, of index: Int, at now: Instant) {
        let before = upstreams[index].leased
        upstreams[index].leased = before - slots
        upstreams[index].lastUsed = now
        history.note(index, from: before, to: before - slots, at: now)
        noteLeases(index)
        changed(index)
    }

    /// To be called after every change of how many slots our own requests occupy. As a rule there is one balancer, and nobody who
    /// wants to know.
    @inline(__always)
    mutating func noteLeases(_ index: Int) {
        if upstreams[index].sharesLeases { leaseNews.append(index) }
    }

    var hasLeaseNews: Bool { !leaseNews.isEmpty }

    /// Upstreams whose agents are to be told, each once.
    mutating func takeLeaseNews() -> [Int] {
        let found = leaseNews
        leaseNews.removeAll(keepingCapacity: true)
        return found.filter { index in
            guard upstreams[index].sharesLeases, upstreams[index].leasesTold != upstreams[index].ownLeases else {
                return false
            }
            upstreams[index].leasesTold = upstreams[index].ownLeases
            return true
        }
    }

    /// From now on its idle slots are kept, or offered to all again.
    mutating func setKept(_ isKept: Bool, _ index: Int) {
        upstreams[index].isKept = isKept
        if !isKept { turned.append(index) }
        changed(index)
    }

    /// A lease of one slot begins as another ends.
    mutating func handOver(_ index: Int, at now: Instant) {
        let leased = upstreams[index].leased
        history.note(index, from: leased, to: leased, at: now)
    }

    func highWater(_ index: Int, during taken: ClosedRange<Instant>) -> LeaseHistory.HighWater? {
        history.highWater(index, during: taken)
    }

    // MARK: - Speeds

    /// - Parameter pace: nanoseconds for each token of a prompt.
    mutating func setPace(_ pace: Double, of index: Int) {
        let name = descriptions[index].models.first ?? ""
        let slowest = speeds[name]?.slowest
        let number = speeds[name, default: SpeedClasses()].place(pace, from: upstreams[index].speedClass)
        guard number != upstreams[index].speedClass else { return }
        upstreams[index].speedClass = number
        settleSpeeds(of: name, after: index, slowestBefore: slowest)
    }

    private mutating func leaveSpeedClass(_ index: Int, _ models: [String]) {
        guard let number = upstreams[index].speedClass else { return }
        let name = models.first ?? ""
        let slowest = speeds[name]?.slowest
        upstreams[index].speedClass = nil
        speeds[name]?.leave(number)
        if speeds[name]?.slowest == nil { speeds[name] = nil }
        settleSpeeds(of: name, after: index, slowestBefore: slowest)
    }

    /// After an upstream has come into a class, or left one. The others are as fast as they were, unless it was or is the
    /// slowest; else O(upstreams).
    private mutating func settleSpeeds(of name: String, after index: Int, slowestBefore: Int?) {
        settleSpeed(of: index, speeds[name])
        guard speeds[name]?.slowest != slowestBefore else { return }
        for other in upstreams.indices where isKnown(other) && upstreams[other].speedClass != nil {
            if (descriptions[other].models.first ?? "") == name { settleSpeed(of: other, speeds[name]) }
        }
    }

    private mutating func settleSpeed(of index: Int, _ classes: SpeedClasses?) {
        let speed = classes?.speed(of: upstreams[index].speedClass) ?? 1
        guard speed != upstreams[index].speed else { return }
        upstreams[index].speed = speed
        changed(index)
    }

    // MARK: - Models

    /// Whether somebody serves something else than was last settled.
    var modelsAreStale: Bool { !unplaced.isEmpty }

    mutating func touchPool(_ pool: Int) {
        pools.touch(pool)
    }

    mutating func settlePools() {
        pools.settle()
    }

    mutating func poolMade(for name: String) -> Int { pools.made(name) }

    mutating func setLostModels(_ names: some Sequence<[String]>) {
        models.setLost(names)
    }

    /// - Parameter isWaitedIn: whether somebody waits in a pool.
    mutating func placeChanged(_ isWaitedIn: (Int) -> Bool) {
        kinds.settle()
        defer { unplaced.removeAll() }
        guard pools.areSeveral else { return }
        for index in unplaced.sorted() where isKnown(index) {
            place(index)
            turned.append(index)
        }
        makePoolsOfLost()
        pools.removeUnneeded { [models] name, pool in models.isKnown(name) || isWaitedIn(pool) }
    }

    /// The pools that would be needed now; O(kinds). As long as there are no other ``kinds``, here or lost, it is ``layout``.
    ///
    /// - Parameter lost: what those served that went without a word.
    func neededLayout(_ lost: some Collection<ServerKind>) -> ModelLayout {
        layout(of: Array(kinds.all), lost)
    }

    private func layout(of servers: [ServerKind], _ lost: some Collection<ServerKind>) -> ModelLayout {
        let isDivided = models.isDivided
        // Nobody waits for a lost server without a name while others may serve requests that name none.
        let awaited = lost.filter { !isDivided || !$0.models.isEmpty }
        return ModelLayout(isDivided: isDivided, of: servers + awaited)
    }

    mutating func setLayout(_ layout: ModelLayout) {
        kinds.settle()
        self.layout = layout
        pools.build(layout)
        unplaced.removeAll()
        guard pools.areSeveral else { return }
        for index in upstreams.indices where isKnown(index) { place(index) }
        makePoolsOfLost()
    }

    private mutating func place(_ index: Int) {
        pools.place(
            index,
            upstreams[index],
            shares[index],
            in: descriptions[index].models,
            descriptions[index].traits
        )
    }

    /// Whoever asks for what only lost upstreams served waits for their return.
    private mutating func makePoolsOfLost() {
        guard pools.isDivided else { return }
        for name in models.namesOfLost { _ = pools.made(name) }
    }

    mutating func forgetTurned() {
        turned.removeAll(keepingCapacity: true)
    }

    // MARK: - What others copy

    var changedCount: Int { changes.count }

    /// To be called after a change that ``changed(_:)`` doesn't tell of.
    mutating func noteChange(_ index: Int) {
        changes.note(index)
    }

    mutating func takeChanged() -> Int? { changes.takeOne() }

    // MARK: - What is derived

    /// To be called after every change of an upstream.
    mutating func changed(_ index: Int) {
        changes.note(index)
        let before = shares[index]
        let after = upstreams[index].share
        pools.update(index, upstreams[index], from: before, to: after)
        guard before != after else { return }
        shares[index] = after
        if after.usable < before.usable || before.slotsIdle == 0 && after.slotsIdle > 0 { turned.append(index) }
    }

    mutating func setTimer(_ index: Int, to instant: Instant?) {
        if let instant {
            timers.set(index, to: instant)
        } else {
            timers.remove(index)
        }
    }
}

extension Fleet {
    func description(of index: Int) -> UpstreamDescription { descriptions[index] }

    func timer(of index: Int) -> Instant? { timers.key(of: index) }

    /// - Parameter lost: as of ``neededLayout(_:)``; nil: it has changed since that was called last.
    func violations(_ lost: [ServerKind]?) -> [String] {
        var found = pools.violations(upstreams) + timers.violations(name: "timers")
        let known = upstreams.indices.count { isKnown($0) }
        let described = upstreams.indices.filter(isKnown).map { descriptions[$0].kind }
        if !kinds.areOf(described) { found.append("the kinds of servers are miscounted") }
        if let lost, !modelsAreStale {
            let needed = layout(of: described, lost)
            if needed != layout { found.append("the pools are those of \(layout), and needed are \(needed)") }
        }
        if known != count || indices.count != count || upstreams.count - free.count != count {
            found.append("\(known) upstreams, \(indices.count) addresses, \(free.count) free places, count \(count)")
        }
        for index in upstreams.indices where isKnown(index) {
            let speed = speeds[descriptions[index].models.first ?? ""]?.speed(of: upstreams[index].speedClass) ?? 1
            if speed != upstreams[index].speed { found.append("upstream \(index) has an old speed") }
        }
        let classes = upstreams.count { $0.speedClass != nil }
        if classes != speeds.values.reduce(0, { $0 + $1.count }) { found.append("\(classes) have a class of speed") }
        return found
    }
}
