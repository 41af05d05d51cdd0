import NIOCore
import Synchronization

/// What all event loops share, behind one lock that is held for a few instructions.
final class SharedState: Sendable {
    /// Carries a slot to the event loop of whoever waited for it.
    typealias Grant = @Sendable (_ slot: Int) -> Void

    private struct Guarded: ~Copyable {
        var table: SlotTable<Grant>
        var counts = Counts()
        var turnarounds = Turnarounds()
        var faults: [StandingFault] = []
        var journal = Journal()
        /// Those whose streams are kept, to be asked for again.
        var conversations: [String] = []
        /// The last task of each slot.
        var tasks: [Int?]
        var lastTask = 0
    }

    enum Outcome {
        case completed, cancelled, faulted
    }

    struct SlotView {
        let isProcessing: Bool
        let task: Int?
        let decoded: Int
    }

    let slots: Int
    private let guarded: Mutex<Guarded>
    private let hasFaults = Atomic(false)
    private let stalled = Atomic(false)
    /// Tokens made in each slot's last task; written by the loop whose request has the slot.
    private let decoded: [Progress]

    final class Progress: Sendable {
        private let made = Atomic(0)

        var tokens: Int { made.load(ordering: .relaxed) }

        func set(_ tokens: Int) { made.store(tokens, ordering: .relaxed) }
    }

    init(slots: Int) {
        self.slots = slots
        guarded = Mutex(Guarded(table: SlotTable(slots: slots), tasks: Array(repeating: nil, count: slots)))
        decoded = (0..<slots).map { _ in Progress() }
    }

    // MARK: - Streams that are asked for again

    /// More than a test has.
    private static let mostConversations = 1000

    func keep(_ conversation: String) {
        guarded.withLock { state in
            guard state.conversations.count < Self.mostConversations else { return }
            state.conversations.append(conversation)
        }
    }

    func end(_ conversation: String) {
        guarded.withLock { state in state.conversations.removeAll { $0 == conversation } }
    }

    func isKept(_ conversation: String) -> Bool {
        guarded.withLock { $0.conversations.contains(conversation) }
    }

    // MARK: - Slots

    func admit(_ grant: @escaping Grant) -> SlotTable<Grant>.Admission {
        guarded.withLock { state in
            state.counts.requestsReceived += 1
            let admission = state.table.admit(grant)
            switch admission {
            case .granted(let slot):
                Self.start(slot, &state)
                state.turnarounds.taken(at: .now())
                state.counts.runningNow = state.table.running
                state.counts.runningMax = max(state.counts.runningMax, state.table.running)
            case .deferred:
                state.counts.deferredNow = state.table.deferred
                state.counts.deferredMax = max(state.counts.deferredMax, state.table.deferred)
            }
            return admission
        }
    }

    func release(_ slot: Int, _ outcome: Outcome) {
        let next: Grant? = guarded.withLock { state in
            Self.count(outcome, &state)
            let next = state.table.release(slot)
            if next != nil { Self.start(slot, &state) } else { state.turnarounds.vacated(at: .now()) }
            state.counts.runningNow = state.table.running
            state.counts.deferredNow = state.table.deferred
            return next
        }
        next?(slot)
    }

    /// - Returns: whether the request still waited; if not, a slot is on its way to it.
    func cancel(_ ticket: SlotTable<Grant>.Ticket) -> Bool {
        guarded.withLock { state in
            guard state.table.cancel(ticket) else { return false }
            state.counts.requestsCancelled += 1
            state.counts.deferredNow = state.table.deferred
            return true
        }
    }

    func progress(of slot: Int) -> Progress { decoded[slot] }

    func slotViews() -> [SlotView] {
        let tasks = guarded.withLock { state in (0..<slots).map { (state.table.isBusy($0), state.tasks[$0]) } }
        return zip(tasks, decoded).map { task, progress in
            SlotView(isProcessing: task.0, task: task.1, decoded: progress.tokens)
        }
    }

    private static func start(_ slot: Int, _ state: inout Guarded) {
        state.counts.requestsStarted += 1
        state.lastTask += 1
        state.tasks[slot] = state.lastTask
    }

    private static func count(_ outcome: Outcome, _ state: inout Guarded) {
        switch outcome {
        case .completed: state.counts.requestsCompleted += 1
        case .cancelled: state.counts.requestsCancelled += 1
        case .faulted: state.counts.requestsFaulted += 1
        }
    }

    // MARK: - Counts

    func counts() -> Counts {
        guarded.withLock { state in
            var counts = state.counts
            counts.turnaroundMedian = state.turnarounds.percentile(0.5)
            counts.turnaroundP99 = state.turnarounds.percentile(0.99)
            return counts
        }
    }

    func count(_ change: (inout Counts) -> Void) { guarded.withLock { change(&$0.counts) } }

    func resetCounts() {
        guarded.withLock { state in
            state.counts.reset()
            state.journal = Journal()
            state.turnarounds = Turnarounds()
        }
    }

    // MARK: - Journal

    var journal: [String: Journal.Entry] { guarded.withLock { $0.journal.entries } }

    func note(_ identifier: String, _ change: (inout Journal.Entry) -> Void) {
        guarded.withLock { $0.journal.note(identifier, change) }
    }

    // MARK: - Faults

    func add(_ fault: StandingFault) {
        guarded.withLock { $0.faults.append(fault) }
        hasFaults.store(true, ordering: .sequentiallyConsistent)
    }

    /// Whether nothing may move in the slots.
    var isStalled: Bool { stalled.load(ordering: .relaxed) }

    func stall() { stalled.store(true, ordering: .sequentiallyConsistent) }

    func clearFaults() {
        guarded.withLock { $0.faults = [] }
        stalled.store(false, ordering: .sequentiallyConsistent)
        hasFaults.store(false, ordering: .sequentiallyConsistent)
    }

    /// The fault that strikes this request, if any; one of its count is used up.
    func takeFault(path: String, isSlotEndpoint: Bool, isReused: Bool) -> StandingFault? {
        guard hasFaults.load(ordering: .relaxed) else { return nil }
        return guarded.withLock { state in
            let struck = state.faults.firstIndex {
                $0.strikes(path: path, isSlotEndpoint: isSlotEndpoint, isReused: isReused)
            }
            guard let struck else { return nil }
            state.counts.faultsStruck += 1
            let fault = state.faults[struck]
            guard let count = fault.count else { return fault }
            if count > 1 { state.faults[struck].count = count - 1 } else { state.faults.remove(at: struck) }
            return fault
        }
    }
}
