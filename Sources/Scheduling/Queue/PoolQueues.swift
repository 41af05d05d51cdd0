/// The queues of all pools, none held up by another. In each, classes are served in their order; within a class, who has had
/// least; within a tenant, in the order of arrival. Beside them are those that are held for one upstream; they are counted
/// with the others.
struct PoolQueues: Sendable {
    /// Those of one pool.
    struct Pool: Sendable {
        var classes: [ClassQueue] = []
        /// Where somebody waits, in no order.
        var lines: [Int] = []
        /// Without those that are held.
        var count = 0
        /// Held for an upstream, and would be here otherwise.
        var heldCount = 0
    }

    private var pools: [Pool] = []
    private var lines: [TenantLine] = []
    private var freeLines: [Int] = []
    private var lineNumbers: [TenantLine.Key: Int] = [:]
    private var places = RequestPlaces()
    private(set) var tenants = TenantBook()
    /// Of all pools.
    private(set) var count = 0
    /// Lines by their next deadlines, where there are several.
    private var deadlines = IndexedHeap<Instant>()
    /// The pools by the arrival of their first that takes several slots.
    private var wideHeads = IndexedHeap<UInt64>()
    /// When classes have been passed over for long enough, by ``number(of:in:)``.
    private var patience = IndexedHeap<Instant>()
    /// Classes for which that was so when nobody of them could go on, since all of their tenants had as much running as they
    /// may.
    private var impatient: Set<Int> = []
    private(set) var held = HeldRequests()
    /// Pools in which somebody waits who may go on, since its tenant has less running than a moment ago.
    private var woken: [Int] = []
    /// How many lines there were when idle ones were last looked for.
    private var linesKept = 0
    private let classPatience: Nanoseconds

    init(classPatience: Nanoseconds) {
        self.classPatience = classPatience
    }

    // MARK: - Who is next

    /// How many wait in this pool.
    func count(in pool: Int) -> Int {
        pool < pools.count ? pools[pool].count + pools[pool].heldCount : 0
    }

    /// The first of those in a pool that take one slot.
    @inline(__always)
    func first(in pool: Int) -> RequestQueue.Head? {
        firstLine(in: pool).flatMap { lines[$0].queue.first }
    }

    /// The first of those in a pool that take one slot and may go to this upstream. O(1), unless somebody was broken off there.
    func first(in pool: Int, for upstream: Int) -> RequestQueue.Head? {
        guard let line = firstLine(in: pool) else { return nil }
        if let head = lines[line].queue.first(for: upstream) { return head }
        for place in pools[pool].classes.indices {
            for line in pools[pool].classes[place].ones.byKey {
                if let head = lines[line].queue.first(for: upstream) { return head }
            }
        }
        return nil
    }

    /// The first of those in a pool that take several slots.
    func firstWide(in pool: Int) -> Int? {
        guard hasWide(in: pool) else { return nil }
        return firstLine(in: pool, wide: true).flatMap { lines[$0].queue.firstWide?.request }
    }

    /// Whether somebody in the pool takes several slots, and may go on.
    @inline(__always)
    func hasWide(in pool: Int) -> Bool { wideHeads.contains(pool) }

    @inline(__always)
    private func firstLine(in pool: Int) -> Int? {
        guard pool < pools.count else { return nil }
        // Where there are no tenants.
        guard pools[pool].classes.count > 1 else { return pools[pool].classes.first?.ones.first.map { Int($0.item) } }
        return firstLine(in: pool, wide: false)
    }

    private func firstLine(in pool: Int, wide: Bool) -> Int? {
        for place in pools[pool].classes.indices {
            guard let overdue = pools[pool].classes[place].overdue, overdue.isWide == wide else { continue }
            return overdue.line
        }
        for place in pools[pool].classes.indices {
            let first = wide ? pools[pool].classes[place].wides.first : pools[pool].classes[place].ones.first
            if let first { return Int(first.item) }
        }
        return nil
    }

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
        let key = lines[line].key
        guard let overdue = pools[key.pool].classes[Int(key.priority)].overdue, overdue.line == line,
            lines[line].queue.longestWaiting?.arrival == arrival
        else { return key.priority + 1 }
        return 0
    }

    /// When one would be served that came now.
    func turnOfNew(_ terms: TenantTerms?, _ priority: UInt8, in pool: Int) -> Turn {
        let key = TenantLine.Key(pool: pool, priority: priority, tenant: terms?.tenant)
        var had: Int64 = 0
        if terms != nil {
            let line = lineNumbers[key].map { lines[$0] }
            had = line?.had ?? 0
            if line?.queue.isEmpty ?? true { had = max(had, beginning(of: key)) }
        }
        return Turn(rank: priority + 1, had: had, arrival: .max)
    }

    private func beginning(of key: TenantLine.Key) -> Int64 {
        guard key.pool < pools.count, Int(key.priority) < pools[key.pool].classes.count else { return 0 }
        return pools[key.pool].classes[Int(key.priority)].beginning
    }

    /// Among these is the one that has waited longest in this pool, if it isn't held.
    func firsts(in pool: Int) -> [Int] {
        pool < pools.count ? pools[pool].lines.flatMap { lines[$0].queue.firsts } : []
    }

    /// The same of all pools, and of those that are held; O(lines + upstreams).
    var firsts: [Int] { pools.indices.flatMap(firsts(in:)) + held.firsts }

    @inline(__always)
    var nextDeadline: (request: Int, instant: Instant)? {
        guard lines.count > 1 else { return lines.first?.queue.nextDeadline }
        return deadlines.first.flatMap { lines[Int($0.item)].queue.nextDeadline }
    }

    func contains(_ request: Int) -> Bool { held.contains(request) || places.contains(request) }

    /// nil: it may go anywhere.
    func avoided(by request: Int) -> Int? { RequestQueue.avoided(by: request, places) }

    /// The pools in which some wait that take several slots and may go on, in the order of their first.
    var poolsOfWide: [Int] { wideHeads.isEmpty ? [] : wideHeads.byKey }

    /// The queue in which a request waits, for what its prompt decides.
    subscript(line: Int) -> RequestQueue {
        _read { yield lines[line].queue }
    }

    // MARK: - Coming and going

    /// Where a request belongs.
    mutating func line(in pool: Int, _ priority: UInt8, tenant: Int?) -> Int {
        while pools.count <= pool { pools.append(Pool()) }
        while pools[pool].classes.count <= Int(priority) { pools[pool].classes.append(ClassQueue()) }
        if tenant == nil, let common = pools[pool].classes[Int(priority)].common { return common }
        let key = TenantLine.Key(pool: pool, priority: priority, tenant: tenant.map { tenants[$0].terms.tenant })
        let line = lineNumbers[key] ?? newLine(key)
        guard let tenant else {
            pools[pool].classes[Int(priority)].common = line
            return line
        }
        lines[line].tenant = tenant
        lines[line].weight = tenants[tenant].terms.weight
        return line
    }

    private mutating func newLine(_ key: TenantLine.Key) -> Int {
        sweepIfMany()
        let line: Int
        if let free = freeLines.popLast() {
            line = free
            lines[line] = TenantLine(key: key)
        } else {
            line = lines.count
            lines.append(TenantLine(key: key))
            if line == 1 { noteDeadline(of: 0) }
        }
        lineNumbers[key] = line
        return line
    }

    mutating func insert(
        _ request: Int,
        in line: Int,
        arrival: UInt64,
        deadline: Instant,
        avoiding upstream: Int?,
        hasTrail: Bool
    ) {
        beginWaiting(in: line)
        lines[line].queue.insert(
            request,
            arrival: arrival,
            deadline: deadline,
            avoiding: upstream,
            hasTrail: hasTrail,
            &places
        )
        came(to: line)
    }

    mutating func insertWide(_ request: Int, in line: Int, arrival: UInt64, deadline: Instant) {
        beginWaiting(in: line)
        lines[line].queue.insertWide(request, arrival: arrival, deadline: deadline, &places)
        came(to: line)
    }

    private mutating func beginWaiting(in line: Int) {
        guard lines[line].queue.isEmpty else { return }
        let key = lines[line].key
        lines[line].place = pools[key.pool].lines.count
        pools[key.pool].lines.append(line)
        if let tenant = lines[line].tenant { tenants[tenant].lines.append(line) }
        pools[key.pool].classes[Int(key.priority)].waiting += 1
    }

    private mutating func came(to line: Int) {
        pools[lines[line].key.pool].count += 1
        count += 1
        settle(line)
    }

    /// One that comes after its tenant had nothing that could have gone on is counted from where the others are.
    private mutating func catchUp(_ line: Int) {
        guard lines[line].tenant != nil else { return }
        lines[line].had = max(lines[line].had, beginning(of: lines[line].key))
    }

    /// - Parameter line: where it waits when its time is up.
    mutating func hold(_ request: Int, in line: Int, for upstream: Int, arrival: UInt64, until end: Instant) {
        let priority = UInt64(lines[line].key.priority)
        held.insert(request, for: upstream, turn: priority << 56 | arrival, until: end)
        pools[lines[line].key.pool].heldCount += 1
        count += 1
        // It will get a slot, and no more than may run are to get any.
        if let tenant = lines[line].tenant { ran(tenant, 1) }
    }

    /// One gets a slot.
    ///
    /// - Returns: whether one was passed that would have been served sooner.
    mutating func take(_ request: Int, arrival: UInt64, from line: Int, at now: Instant) -> Bool {
        let key = lines[line].key
        if pools[key.pool].classes.count > 1 { served(key, at: now) }
        guard !held.contains(request) else {
            let first = firstLine(in: key.pool)
            let passes = first.map { lines[$0].queue.passes }
            if let first { lines[first].queue.passed(by: arrival) }
            let wasPassed = first.map { lines[$0].queue.passes } != passes
            remove(request, from: line)
            return wasPassed
        }
        let passes = lines[line].queue.passes
        lines[line].queue.take(request, &places)
        let wasPassed = lines[line].queue.passes > passes
        left(line)
        return wasPassed
    }

    mutating func remove(_ request: Int, from line: Int) {
        guard !held.contains(request) else {
            held.remove(request)
            pools[lines[line].key.pool].heldCount -= 1
            count -= 1
            if let tenant = lines[line].tenant { ran(tenant, -1) }
            return
        }
        guard places.contains(request) else { return }
        lines[line].queue.remove(request, &places)
        left(line)
    }

    private mutating func left(_ line: Int) {
        let pool = lines[line].key.pool
        pools[pool].count -= 1
        count -= 1
        if lines[line].queue.isEmpty { emptied(line) }
        settle(line)
    }

    private mutating func emptied(_ line: Int) {
        let key = lines[line].key
        let place = Int(key.priority)
        let last = pools[key.pool].lines.removeLast()
        if last != line {
            pools[key.pool].lines[lines[line].place] = last
            lines[last].place = lines[line].place
        }
        if let tenant = lines[line].tenant { tenants[tenant].lines.removeAll { $0 == line } }
        pools[key.pool].classes[place].waiting -= 1
        guard place > 0, pools[key.pool].classes[place].waiting == 0 else { return }
        patience.remove(number(of: key))
        impatient.remove(number(of: key))
    }

    /// O(lines).
    mutating func stopAvoiding(_ upstream: Int) {
        for line in lines.indices where !lines[line].queue.isEmpty {
            lines[line].queue.stopAvoiding(upstream, &places)
        }
    }

    /// Puts a line where it belongs among those of its class.
    private mutating func settle(_ line: Int) {
        let key = lines[line].key
        let place = Int(key.priority)
        let isResting = isResting(line)
        if !isResting, !lines[line].queue.isEmpty, !pools[key.pool].classes[place].contains(line) { catchUp(line) }
        if !isResting, let first = lines[line].queue.firstArrival {
            pools[key.pool].classes[place].ones.set(line, to: .init(had: lines[line].had, arrival: first))
        } else {
            pools[key.pool].classes[place].ones.remove(line)
        }
        let wide = isResting ? nil : lines[line].queue.firstWide?.arrival
        if let wide {
            pools[key.pool].classes[place].wides.set(line, to: .init(had: lines[line].had, arrival: wide))
        } else {
            pools[key.pool].classes[place].wides.remove(line)
        }
        if wide != nil || wideHeads.contains(key.pool) { noteWide(of: key.pool) }
        if let overdue = pools[key.pool].classes[place].overdue, overdue.line == line {
            settleOverdue(line, isResting: isResting)
        }
        if !impatient.isEmpty, !isResting, !lines[line].queue.isEmpty, impatient.remove(number(of: key)) != nil {
            patience.set(number(of: key), to: Instant(nanoseconds: .min))
        }
        noteDeadline(of: line)
    }

    private mutating func noteWide(of pool: Int) {
        guard let line = firstLine(in: pool, wide: true), let first = lines[line].queue.firstWide else {
            return wideHeads.remove(pool)
        }
        wideHeads.set(pool, to: first.arrival)
    }

    private mutating func noteDeadline(of line: Int) {
        guard lines.count > 1 else { return }
        guard let next = lines[line].queue.nextDeadline else { return deadlines.remove(line) }
        deadlines.set(line, to: next.instant)
    }

    // MARK: - Tenants

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
            woken.append(lines[line].key.pool)
        }
    }

    /// A request has ended.
    mutating func ended(_ tenant: Int?) {
        guard let tenant else { return }
        tenants.remove(tenant)
    }

    /// One of a line has got slots.
    ///
    /// - Parameter average: for how long requests have their slots, if nothing is known of this tenant's; nil: nothing is.
    /// - Returns: what it was charged.
    mutating func started(in line: Int, slots: Int, average: Nanoseconds?) -> Int64 {
        guard let tenant = lines[line].tenant else { return 0 }
        let key = lines[line].key
        if lines[line].queue.isEmpty { catchUp(line) }
        pools[key.pool].classes[Int(key.priority)].began(lines[line].had)
        let estimate = lines[line].serviceTime.average ?? average ?? .zero
        let charged = SlotTime.of(estimate, slots: slots, weight: lines[line].weight)
        lines[line].running += 1
        lines[line].had += charged
        tenants.tookTurn(tenant)
        settle(line)
        ran(tenant, 1)
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
        guard let tenant = lines[line].tenant else { return }
        lines[line].running -= 1
        if let time { lines[line].serviceTime.note(time) }
        ran(tenant, -1)
    }

    private mutating func ran(_ tenant: Int, _ change: Int) {
        let wasAtLimit = tenants[tenant].isAtLimit
        tenants[tenant].running += change
        guard tenants[tenant].isAtLimit != wasAtLimit else { return }
        for line in tenants[tenant].lines {
            settle(line)
            if wasAtLimit { woken.append(lines[line].key.pool) }
        }
    }

    var hasWoken: Bool { !woken.isEmpty }

    /// In how many lines somebody waits.
    func tenantCount(in pool: Int) -> Int { pool < pools.count ? pools[pool].lines.count : 0 }

    /// Pools in which somebody may go on who couldn't, or comes before others now.
    mutating func takeWoken() -> [Int] {
        guard !woken.isEmpty else { return [] }
        defer { woken.removeAll(keepingCapacity: true) }
        return woken
    }

    /// Lines of tenants that come and go: what they had is forgotten when it is no more than the others had. So seldom that each
    /// new line has paid for it.
    private mutating func sweepIfMany() {
        guard lines.count - freeLines.count >= 2 * linesKept + 64 else { return }
        for line in lines.indices where lines[line].isIdle {
            let key = lines[line].key
            guard key.tenant != nil, lineNumbers[key] == line, lines[line].had <= beginning(of: key) else { continue }
            lineNumbers[key] = nil
            freeLines.append(line)
        }
        linesKept = lines.count - freeLines.count
    }

    // MARK: - Classes

    /// Of a class in a pool, among all.
    private func number(of key: TenantLine.Key) -> Int {
        key.pool << 4 | Int(key.priority)
    }

    /// To be called before it is decided who is next: of a class that has been passed over for long enough, the one that has
    /// waited longest is. O(1) when no class has.
    mutating func letPassedOver(at now: Instant) {
        while let due = patience.first, due.key <= now {
            let number = Int(due.item)
            let (pool, place) = (number >> 4, number & 15)
            patience.remove(number)
            let longest = pools[pool].lines.filter { Int(lines[$0].key.priority) == place && !isResting($0) }
                .min { longestWaiting(in: $0) < longestWaiting(in: $1) }
            guard let longest else {
                impatient.insert(number)
                continue
            }
            pools[pool].classes[place].overdue = .init(line: longest, isWide: false)
            settleOverdue(longest, isResting: false)
        }
    }

    /// When some class has been passed over for long enough.
    var nextPassedOver: Instant? { patience.first?.key }

    /// Whether some class has been.
    @inline(__always)
    func hasPassedOver(at now: Instant) -> Bool { patience.first.map { $0.key <= now } ?? false }

    private func longestWaiting(in line: Int) -> UInt64 { lines[line].queue.longestWaiting?.arrival ?? .max }

    private func isResting(_ line: Int) -> Bool { lines[line].tenant.map { tenants[$0].isAtLimit } ?? false }

    /// Who of the line has waited longest may have left, or may not go on now.
    private mutating func settleOverdue(_ line: Int, isResting: Bool) {
        let key = lines[line].key
        if !isResting, let longest = lines[line].queue.longestWaiting {
            pools[key.pool].classes[Int(key.priority)].overdue = .init(line: line, isWide: longest.isWide)
        } else {
            pools[key.pool].classes[Int(key.priority)].overdue = nil
            // Another one is looked for, if there is any.
            if pools[key.pool].classes[Int(key.priority)].waiting > 0 {
                patience.set(number(of: key), to: Instant(nanoseconds: .min))
            }
        }
        noteWide(of: key.pool)
    }

    /// One of a class gets a slot: from now on it isn't passed over, and those behind it are.
    private mutating func served(_ key: TenantLine.Key, at now: Instant) {
        let place = Int(key.priority)
        pools[key.pool].classes[place].overdue = nil
        patience.remove(number(of: key))
        if !impatient.isEmpty { impatient.remove(number(of: key)) }
        for passed in pools[key.pool].classes.indices
        where passed > place && pools[key.pool].classes[passed].waiting > 0 {
            let number = key.pool << 4 | passed
            guard pools[key.pool].classes[passed].overdue == nil, !patience.contains(number),
                !impatient.contains(number)
            else { continue }
            patience.set(number, to: now.advanced(by: classPatience))
        }
    }
}

extension PoolQueues {
    func violations() -> [String] {
        var found = held.violations()
        var sum = held.count
        for line in lines.indices {
            let queue = lines[line].queue
            found += queue.violations(places)
            sum += queue.count
            check(line, &found)
        }
        if sum != count { found.append("\(sum) wait, \(count) are counted") }
        for pool in pools.indices { check(pool: pool, &found) }
        let heldSum = pools.reduce(0) { $0 + $1.heldCount }
        if heldSum != held.count { found.append("\(held.count) are held, \(heldSum) are counted") }
        return found
    }

    private func check(_ line: Int, _ found: inout [String]) {
        let key = lines[line].key
        let queue = lines[line].queue
        guard key.pool < pools.count, Int(key.priority) < pools[key.pool].classes.count else {
            return found.append("line \(line) is in no pool")
        }
        let known = pools[key.pool].classes[Int(key.priority)]
        let had = lines[line].had
        let one = isResting(line) ? nil : queue.firstArrival.map { ClassQueue.Place(had: had, arrival: $0) }
        let wide = isResting(line) ? nil : queue.firstWide.map { ClassQueue.Place(had: had, arrival: $0.arrival) }
        if known.ones.key(of: line) != one || known.wides.key(of: line) != wide {
            found.append("line \(line) isn't where its turn is")
        }
        if pools[key.pool].lines.contains(line) == queue.isEmpty {
            found.append("line \(line) is listed although nobody waits, or isn't although somebody does")
        }
        if lines.count > 1, deadlines.key(of: line) != queue.nextDeadline?.instant {
            found.append("line \(line) is due at another time than noted")
        }
        if lines[line].running < 0 { found.append("line \(line) has less than nothing running") }
        if !queue.isEmpty, key.tenant != lines[line].tenant.map({ tenants[$0].terms.tenant }) {
            found.append("line \(line) is somebody else's")
        }
    }

    private func check(pool: Int, _ found: inout [String]) {
        let sum = pools[pool].lines.reduce(0) { $0 + lines[$1].queue.count }
        if sum != pools[pool].count { found.append("\(sum) wait in pool \(pool), \(pools[pool].count) are counted") }
        for (place, queue) in pools[pool].classes.enumerated() {
            found += queue.ones.violations(name: "lines") + queue.wides.violations(name: "lines of several slots")
            let waiting = pools[pool].lines.count { Int(lines[$0].key.priority) == place }
            if waiting != queue.waiting { found.append("\(waiting) lines of class \(place), not \(queue.waiting)") }
            let number = pool << 4 | place
            let marks = [queue.overdue != nil, patience.contains(number), impatient.contains(number)].count { $0 }
            if marks > 1 || waiting == 0 && marks > 0 { found.append("class \(place) of pool \(pool) is passed over") }
        }
        let wide = firstLine(in: pool, wide: true).flatMap { lines[$0].queue.firstWide?.arrival }
        if wideHeads.key(of: pool) != wide {
            found.append("the first of several slots in pool \(pool) isn't the one noted")
        }
    }

    /// Whether its tenant has as much running as it may.
    func isResting(request line: Int) -> Bool { isResting(line) }

    /// The tenants whose numbers of requests aren't these.
    func checkTenants(_ counts: [Int: (requests: Int, running: Int)], _ found: inout [String]) {
        if counts.count != tenants.count { found.append("\(counts.count) tenants, \(tenants.count) are counted") }
        for (tenant, count) in counts {
            let entry = tenants[tenant]
            if entry.requests != count.requests || entry.running != count.running {
                found.append("tenant \(tenant) has \(count), not \(entry.requests) and \(entry.running)")
            }
        }
    }
}
