/// All requests that have not ended, in a slab: look-up by index, and nothing allocated once it has its size.
struct RequestLedger: Sendable {
    private var records: [RequestRecord] = []
    private var firstFree: Int32?
    private var nextArrival: UInt64 = 0
    private(set) var leasedCount = 0
    private(set) var coolingCount = 0

    subscript(index: Int) -> RequestRecord {
        _read { yield records[index] }
        _modify { yield &records[index] }
    }

    /// - Returns: its index; it is queued, at first.
    mutating func add(_ id: RequestID, for demand: RequestDemand, in pool: Int, at now: Instant) -> Int {
        let index = takeFreeRecord()
        records[index].demand = demand
        records[index].pool = pool
        records[index].id = id
        records[index].arrival = nextArrival
        records[index].waited = .zero
        records[index].attempts = 0
        records[index].timesBrokenOff = 0
        records[index].avoidance = nil
        records[index].refusal = nil
        records[index].mostElsewhere = 0
        records[index].used = nil
        records[index].hadLastChance = false
        records[index].isNamed = false
        records[index].awaitsLoad = false
        records[index].choice = nil
        records[index].tenant = nil
        records[index].way = .atOnce
        nextArrival += 1
        enter(.queued, index, at: now)
        return index
    }

    mutating func lease(_ index: Int, _ slots: Int, of upstream: Int, at now: Instant) {
        leasedCount += 1
        records[index].slots = slots
        records[index].attempts += 1
        records[index].leasedAt = now
        enter(.leased(upstream: Int32(upstream)), index, at: now)
    }

    /// Back from a lease into the queue.
    mutating func requeue(_ index: Int, at now: Instant) {
        leasedCount -= 1
        enter(.queued, index, at: now)
    }

    /// From a lease.
    mutating func cool(_ index: Int, on upstream: Int, at now: Instant) {
        leasedCount -= 1
        coolingCount += 1
        enter(.cooling(upstream: Int32(upstream), next: nil), index, at: now)
    }

    mutating func end(_ index: Int, at now: Instant) {
        switch records[index].state {
        case .ended: return
        case .queued: break
        case .leased: leasedCount -= 1
        case .cooling: coolingCount -= 1
        }
        records[index].demand = RequestDemand()
        records[index].choice = nil
        enter(.ended(nextFree: firstFree), index, at: now)
        firstFree = Int32(index)
    }

    func index(of ticket: QueueTicket) -> Int? {
        let index = Int(ticket.index)
        guard index < records.count, records[index].generation == ticket.generation else { return nil }
        return index
    }

    func ticket(_ index: Int) -> QueueTicket {
        QueueTicket(index: Int32(index), generation: records[index].generation)
    }

    var indices: Range<Int> { records.indices }

    private mutating func takeFreeRecord() -> Int {
        guard let free = firstFree, case .ended(let nextFree) = records[Int(free)].state else {
            records.append(RequestRecord(state: .queued))
            return records.count - 1
        }
        firstFree = nextFree
        return Int(free)
    }

    private mutating func enter(_ state: RequestRecord.State, _ index: Int, at now: Instant) {
        records[index].state = state
        records[index].generation &+= 1
        records[index].since = now
    }
}
