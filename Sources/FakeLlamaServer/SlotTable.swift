import NIOCore

/// Who has which slot, and who waits for one: first come, first served.
struct SlotTable<Waiter> {
    struct Ticket: Hashable, Sendable {
        fileprivate let number: Int
    }

    enum Admission: Sendable {
        case granted(slot: Int)
        case deferred(Ticket)
    }

    private var isBusy: [Bool]
    private(set) var running = 0
    /// Unbounded, as in llama-server: each waiter is a connection, and those the system bounds.
    private var waiting = CircularBuffer<(ticket: Ticket, waiter: Waiter)>()
    private var lastTicket = 0

    init(slots: Int) {
        isBusy = Array(repeating: false, count: slots)
    }

    var deferred: Int { waiting.count }

    func isBusy(_ slot: Int) -> Bool { isBusy[slot] }

    mutating func admit(_ waiter: Waiter) -> Admission {
        if running < isBusy.count, let slot = isBusy.firstIndex(of: false) {
            isBusy[slot] = true
            running += 1
            return .granted(slot: slot)
        }
        lastTicket += 1
        let ticket = Ticket(number: lastTicket)
        waiting.append((ticket, waiter))
        return .deferred(ticket)
    }

    /// - Returns: who has the slot next, if anybody waits.
    mutating func release(_ slot: Int) -> Waiter? {
        if let next = waiting.popFirst() { return next.waiter }
        isBusy[slot] = false
        running -= 1
        return nil
    }

    /// - Returns: whether it still waited; if not, a grant is on its way to it.
    mutating func cancel(_ ticket: Ticket) -> Bool {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return false }
        waiting.remove(at: index)
        return true
    }
}
