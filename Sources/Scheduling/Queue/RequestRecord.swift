/// A request that has not ended, or the slot of one that has.
struct RequestRecord: Sendable {
    /// A request is in exactly one of these.
    enum State: Sendable {
        case ended(nextFree: Int32?)
        case queued
        case leased(upstream: Int32)
        /// Its client has left; the slot that it used still counts as busy.
        case cooling(upstream: Int32, next: Int32?)
    }

    /// An upstream, in one of its lives.
    struct Avoidance: Sendable {
        var upstream: Int32
        var epoch: UInt64
    }

    var state: State
    var demand = RequestDemand()
    /// What it may get, and which of these it asks for now, if it names an alias.
    var choice: ModelChoice?
    /// Of its prompt, in bytes: the most that lay anywhere when it began to wait.
    var mostElsewhere = 0
    /// Its client has chosen the upstream, where it may wait inside for a slot.
    var isNamed = false
    /// When it began to wait, no server had its model, and some load models on demand.
    var awaitsLoad = false
    /// How it came to its slot.
    var way = Scheduler.Way.atOnce
    /// No other upstream could have had it then.
    var isOnly = false
    /// How many slots it has, or had last.
    var slots = 1
    /// What it has used up of what lay where it is, while it has a slot there.
    var used: PrefixLedger.Used?
    /// In which it waits, or waited last.
    var pool = 0
    /// Its tenant's number among those that have requests; nil: it is nobody's in particular.
    var tenant: Int?
    /// Of ``PoolQueues``: in which it waits, or is charged for its slots.
    var line = 0
    /// What its tenant was charged for the slots that it has.
    var charged: Int64 = 0
    /// How many slots of its upstream were busy when it had got them, these included.
    var runningAtStart = 0
    /// When it got them.
    var leasedAt = Instant(nanoseconds: 0)
    /// Changes with each change of state, so that tickets and leases of before are recognised.
    var generation: UInt32 = 0
    var id = RequestID(rawValue: 0)
    /// Its place in the order of arrival.
    var arrival: UInt64 = 0
    /// When it came into its state.
    var since = Instant(nanoseconds: 0)
    /// The sum of the waits before that.
    var waited = Nanoseconds.zero
    var attempts = 0
    var timesBrokenOff = 0
    /// Which upstream broke it off or refused it last.
    var avoidance: Avoidance?
    /// Which upstream refused it last, if any did.
    var refusal: Avoidance?
    /// Its time was up when it came back to the queue, and it was given a moment to find an idle slot all the same.
    var hadLastChance = false

    var isQueued: Bool {
        if case .queued = state { true } else { false }
    }
}
