/// What decides about an upstream, in plain words of memory; what describes it is in ``UpstreamDescription``.
struct Upstream: Sendable {
    /// More slots than that are taken for nonsense, and for this many.
    static let maximumSlots = (1 << 20) - 1
    static let weights = 1...256

    var generation: UInt32 = 0
    /// Changes when it comes back from trouble: what avoided it before may go there again. Unique in the fleet.
    var epoch: UInt64 = 0

    /// When it was given something last, as a number that grows; 0: never.
    var lastPick: UInt64 = 0

    /// How many times as much it may be given as one of weight 1.
    var weight = 1
    /// Among those that serve the same; nil: nobody can tell yet.
    var speedClass: Int?
    /// How many times as fast as the slowest of these.
    var speed = 1
    var total = 0
    var leased = 0
    var cooling = 0
    /// Leases of other balancers, as they tell.
    var others = 0
    /// What the last sample showed beyond our own and theirs.
    var strangers = 0
    /// How many leases its agent was told of last; nil: it wants to know, and nothing was said yet.
    var leasesTold: Int?
    /// Whether its agent has other balancers, and wants to know.
    var sharesLeases = false
    /// The same of prompts.
    var sharesPrompts = false
    /// How many of those that cool longest the last sample showed to be still running.
    var coolingSeen = 0

    /// By index into the directory of agents.
    var owner: Int?
    var isReady = false
    var isSilent = false
    /// An operator wants it to get nothing more.
    var isDraining = false
    /// Its agent does, because it is about to stop.
    var isLeaving = false
    var isSleeping = false
    /// Its idle slots are kept for a request that takes several.
    var isKept = false
    var attention = Attention.regular
    var ejection = Ejection()
    /// When it first broke something off, with no sign of life since.
    var firstBreak: Instant?

    /// The instant of the last sample used.
    var lastSample: Instant?
    /// Of the last one that showed that something had moved in the slots that work.
    var lastMove: Instant?
    var promptPace = PromptPace()
    var coolingRequests = CoolingList()
    /// When it gave a slot back last.
    var lastUsed = Instant(nanoseconds: .min)
    var lastPoll: Instant?
    var nextPoll: Instant?

    var isUsable: Bool { owner != nil && isReady && !isSilent && !isDraining && !isLeaving && ejection.until == nil }

    /// Never more than our own leave: what we have leased since, on a slot that another client took meanwhile, waits
    /// inside llama-server; when it ends, that slot still belongs to the other.
    var foreign: Int { min(others + strangers, max(0, total - leased - cooling)) }
    /// What other balancers are told: slots that cool count, for llama-server may still be at work in them, and whoever takes one
    /// for idle sends a request there that has to wait.
    var ownLeases: Int { leased + cooling }
    var processing: Int { leased + cooling + foreign }
    var idle: Int { total - processing }

    /// How many times as much it may be given as the least of its kind.
    var worth: Int { weight * speed }

    /// Idle slots that aren't kept.
    var offered: Int { isKept ? 0 : idle }

    /// One slot less in use would be one idle, and is none now.
    var isJustFull: Bool { total == leased + cooling + others + strangers }

    /// How its agent looks at it.
    enum Attention {
        case regular
        /// Rarely, since nothing runs there: what others do there stays unseen.
        case resting
        /// It rested, has been given something since, and is about to be asked for a look.
        case wanted
    }

    /// What it adds to the totals of the fleet.
    var share: FleetSummary {
        var share = FleetSummary()
        share.registered = owner == nil ? 0 : 1
        guard isUsable else { return share }
        share.usable = 1
        share.slotsTotal = total
        share.slotsIdle = max(0, idle)
        share.slotsProcessing = processing
        return share
    }
}
