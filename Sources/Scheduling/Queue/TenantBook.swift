/// The tenants that have requests, and how many of these run.
struct TenantBook: Sendable {
    struct Entry: Sendable {
        var terms: TenantTerms
        /// That haven't ended.
        var requests = 0
        /// Of those: that have slots, or whose slots cool, or that are held for an upstream that they will have one of.
        var running = 0
        /// When it got a slot last, as a number that grows; 0: not since it has requests.
        var lastTurn: Int64 = 0
        /// Of ``PoolQueues``: in which it waits.
        var lines: [Int] = []

        var isAtLimit: Bool { terms.maximumRunning.map { running >= $0 } ?? false }
        var waiting: Int { requests - running }
    }

    private var entries: [Entry] = []
    private var free: [Int] = []
    private var numbers: [TenantID: Int] = [:]
    private var lastTurn: Int64 = 0

    var count: Int { numbers.count }

    subscript(number: Int) -> Entry {
        _read { yield entries[number] }
        _modify { yield &entries[number] }
    }

    subscript(tenant: TenantID) -> Entry? { numbers[tenant].map { entries[$0] } }

    /// A new request.
    ///
    /// - Returns: the number of its tenant, which holds until its last request has ended.
    mutating func add(_ terms: TenantTerms) -> Int {
        if let number = numbers[terms.tenant] {
            entries[number].terms = terms
            entries[number].requests += 1
            return number
        }
        var entry = Entry(terms: terms)
        entry.requests = 1
        let number: Int
        if let last = free.popLast() {
            number = last
            entries[number] = entry
        } else {
            number = entries.count
            entries.append(entry)
        }
        numbers[terms.tenant] = number
        return number
    }

    /// A request has ended.
    mutating func remove(_ number: Int) {
        entries[number].requests -= 1
        guard entries[number].requests == 0 else { return }
        numbers[entries[number].terms.tenant] = nil
        free.append(number)
    }

    mutating func tookTurn(_ number: Int) {
        lastTurn += 1
        entries[number].lastTurn = lastTurn
    }
}
