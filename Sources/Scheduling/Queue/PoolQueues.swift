/// The queues of all pools, none held up by another. In each, classes are served in their order; within a class, who has had
/// least; within a tenant, in the order of arrival. Beside them are those that are held for one upstream; they are counted
/// with the others.
struct PoolQueues: Sendable {
    /// Those of one pool.
    struct Pool: Sendable {
        /// The numbers of its classes, the best first.
        var classes: [Int] = []
        /// Where somebody waits, in no order.
        var lines: [Int] = []
        /// Without those that are held.
        var count = 0
        /// Held for an upstream, and would be here otherwise.
        var heldCount = 0
    }

    var pools: [Pool] = []
    /// Of all pools, by number.
    var classes: [ClassQueue] = []
    var lines: [TenantLine] = []
    private var freeLines: [Int] = []
    private var lineNumbers: [TenantLine.Key: Int] = [:]
    private(set) var places = RequestPlaces()
    var tenants = TenantBook()
    /// Of all pools.
    private(set) var count = 0
    /// Lines by their next deadlines, where there are several.
    private(set) var deadlines = IndexedHeap<Instant>()
    /// The pools by the arrival of their first that takes several slots.
    private(set) var wideHeads = IndexedHeap<UInt64>()
    /// When those classes have been passed over for long enough whose standing is ``ClassQueue/Standing/passed``.
    var patience = IndexedHeap<Instant>()
    private(set) var held = HeldRequests()
    /// Pools in which somebody waits who may go on, since its tenant has less running than a moment ago.
    var woken: [Int] = []
    /// How many lines there were when idle ones were last looked for.
    private var linesKept = 0
    let classPatience: Nanoseconds

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
        for number in pools[pool].classes {
            for line in classes[number].ones.byKey {
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
        guard pools[pool].classes.count > 1 else {
            return pools[pool].classes.first.flatMap { classes[$0].ones.first.map { Int($0.item) } }
        }
        return firstLine(in: pool, wide: false)
    }

    func firstLine(in pool: Int, wide: Bool) -> Int? {
        for number in pools[pool].classes {
            guard case .overdue(let line, wide) = classes[number].standing else { continue }
            return line
        }
        for number in pools[pool].classes {
            let first = wide ? classes[number].wides.first : classes[number].ones.first
            if let first { return Int(first.item) }
        }
        return nil
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

    /// The pool in which those of a line wait.
    @inline(__always)
    func pool(of line: Int) -> Int { classes[lines[line].key.classNumber].pool }

    /// nil: nobody of this class has ever come to this pool.
    func classNumber(_ priority: UInt8, in pool: Int) -> Int? {
        guard pool < pools.count, Int(priority) < pools[pool].classes.count else { return nil }
        return pools[pool].classes[Int(priority)]
    }

    func lineNumber(of key: TenantLine.Key) -> Int? { lineNumbers[key] }

    // MARK: - Coming and going

    /// Where a request belongs.
    mutating func line(in pool: Int, _ priority: UInt8, tenant: Int?) -> Int {
        while pools.count <= pool { pools.append(Pool()) }
        while pools[pool].classes.count <= Int(priority) { addClass(to: pool) }
        let number = pools[pool].classes[Int(priority)]
        if tenant == nil, let common = classes[number].common { return common }
        let key = TenantLine.Key(classNumber: number, tenant: tenant.map { tenants[$0].terms.tenant })
        let line = lineNumbers[key] ?? newLine(key)
        guard let tenant else {
            classes[number].common = line
            return line
        }
        lines[line].tenant = tenant
        lines[line].weight = tenants[tenant].terms.weight
        return line
    }

    private mutating func addClass(to pool: Int) {
        let priority = UInt8(pools[pool].classes.count)
        pools[pool].classes.append(classes.count)
        classes.append(ClassQueue(pool: pool, priority: priority))
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

    /// Lines of tenants that come and go: what they had is forgotten when it is no more than the others had, or when there are
    /// too many. So seldom that each new line has paid for it.
    private mutating func sweepIfMany() {
        guard lineCount >= 2 * linesKept + Self.fewLines else { return }
        let areTooMany = lineCount >= Self.manyLines
        for line in lines.indices where lines[line].isIdle {
            let key = lines[line].key
            guard key.tenant != nil, lineNumbers[key] == line,
                areTooMany || lines[line].had <= classes[key.classNumber].beginning
            else { continue }
            lineNumbers[key] = nil
            freeLines.append(line)
        }
        linesKept = lineCount
    }

    var lineCount: Int { lines.count - freeLines.count }

    /// So many are kept without a look. Few enough for a simulated fleet to have more.
    private static let fewLines = 16
    /// Beyond so many, none is kept for what it had: clients that each come once, and never wait, would leave one each for ever.
    private static let manyLines = 1 << 16

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
        let pool = pool(of: line)
        lines[line].place = pools[pool].lines.count
        pools[pool].lines.append(line)
        if let tenant = lines[line].tenant { tenants[tenant].lines.append(line) }
        classes[lines[line].key.classNumber].waiting += 1
    }

    private mutating func came(to line: Int) {
        pools[pool(of: line)].count += 1
        count += 1
        settle(line)
    }

    /// - Parameter line: where it waits when its time is up.
    mutating func hold(_ request: Int, in line: Int, _ hold: Scheduler.Hold, arrival: UInt64, at now: Instant) {
        let priority = UInt64(classes[lines[line].key.classNumber].priority)
        held.insert(request, hold, turn: priority << 56 | arrival, at: now)
        pools[pool(of: line)].heldCount += 1
        count += 1
        // It will get a slot, and no more than may run are to get any.
        ran(line, 1)
    }

    /// - Returns: `false` if it has been held for as long as it may be.
    mutating func prolongHold(of request: Int, at now: Instant) -> Bool { held.prolong(request, at: now) }

    /// One gets a slot.
    ///
    /// - Returns: whether one was passed that would have been served sooner.
    mutating func take(_ request: Int, arrival: UInt64, from line: Int, at now: Instant) -> Bool {
        let number = lines[line].key.classNumber
        if pools[classes[number].pool].classes.count > 1 { served(number, at: now) }
        guard !held.contains(request) else {
            let first = firstLine(in: classes[number].pool)
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
            pools[pool(of: line)].heldCount -= 1
            count -= 1
            ran(line, -1)
            return
        }
        guard places.contains(request) else { return }
        lines[line].queue.remove(request, &places)
        left(line)
    }

    private mutating func left(_ line: Int) {
        pools[pool(of: line)].count -= 1
        count -= 1
        if lines[line].queue.isEmpty { emptied(line) }
        settle(line)
    }

    private mutating func emptied(_ line: Int) {
        let number = lines[line].key.classNumber
        let pool = classes[number].pool
        let last = pools[pool].lines.removeLast()
        if last != line {
            pools[pool].lines[lines[line].place] = last
            lines[last].place = lines[line].place
        }
        if let tenant = lines[line].tenant { tenants[tenant].lines.removeAll { $0 == line } }
        classes[number].waiting -= 1
        if classes[number].waiting == 0 { isInTurn(number) }
    }

    /// O(lines).
    mutating func stopAvoiding(_ upstream: Int) {
        for line in lines.indices where !lines[line].queue.isEmpty {
            lines[line].queue.stopAvoiding(upstream, &places)
        }
    }

    /// Puts a line where it belongs among those of its class.
    mutating func settle(_ line: Int) {
        let number = lines[line].key.classNumber
        let isResting = isResting(line)
        if !isResting, !lines[line].queue.isEmpty, !classes[number].contains(line) { catchUp(line) }
        if !isResting, let first = lines[line].queue.firstArrival {
            classes[number].ones.set(line, to: .init(had: lines[line].had, arrival: first))
        } else {
            classes[number].ones.remove(line)
        }
        let wide = isResting ? nil : lines[line].queue.firstWide?.arrival
        if let wide {
            classes[number].wides.set(line, to: .init(had: lines[line].had, arrival: wide))
        } else {
            classes[number].wides.remove(line)
        }
        let pool = classes[number].pool
        if wide != nil || wideHeads.contains(pool) { noteWide(of: pool) }
        switch classes[number].standing {
        case .inTurn, .passed: break
        case .impatient: if !isResting, !lines[line].queue.isEmpty { wait(number, until: .longAgo) }
        case .overdue(line, _): settleOverdue(line, isResting: isResting)
        case .overdue: break
        }
        noteDeadline(of: line)
    }

    mutating func noteWide(of pool: Int) {
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
}
