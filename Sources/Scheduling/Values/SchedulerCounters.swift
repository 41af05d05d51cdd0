/// How often what has happened since the start.
public struct SchedulerCounters: Equatable, Sendable {
    /// Requests handed in.
    public package(set) var submitted = 0
    /// Requests that had to wait, when they were handed in.
    public package(set) var queued = 0
    /// Of those: requests that waited for the busy upstream that had most of their prompt.
    public package(set) var held = 0
    /// Of those: requests whose time was up before that upstream had a slot for them, or that lost it.
    public package(set) var heldInVain = 0
    /// How often a request that waited for one model of its alias's went on to the next.
    public package(set) var fellBack = 0
    /// How often a slot went to a request whose prompt lay there, instead of to one that had waited longer.
    public package(set) var passes = 0
    /// Of the prompts that were sent, in bytes; 0 with a policy that doesn't look at them.
    public package(set) var promptBytes = 0
    /// Of those: how much was expected to be found in the cache of the server that it was sent to.
    public package(set) var promptBytesExpected = 0
    /// Leases given; a request that is tried again gets another.
    public package(set) var dispatched = 0
    public package(set) var answered = 0
    public package(set) var failed = 0
    /// Requests that had a slot and could not be sent for want of the balancer's own means.
    public package(set) var unsent = 0
    /// Clients that left while their request was running.
    public package(set) var clientsLeft = 0
    /// Clients that left while their request waited.
    public package(set) var cancelled = 0
    /// Of the clients that left: those whose slot stayed counted.
    public package(set) var cooled = 0
    /// Attempts that failed before the first byte of an answer.
    public package(set) var connectFailures = 0
    public package(set) var unavailable = 0
    public package(set) var refused = 0
    public package(set) var brokenOff = 0
    public package(set) var withoutRoom = 0
    /// Of those: requests that got another chance.
    public package(set) var retried = 0
    public package(set) var ejections = 0
    public package(set) var rejectedQueueFull = 0
    public package(set) var rejectedTenantFull = 0
    public package(set) var rejectedWaitTooLong = 0
    public package(set) var rejectedWaitedTooLong = 0
    public package(set) var rejectedAttemptsExhausted = 0
    public package(set) var rejectedShuttingDown = 0
    /// For models or work that no server serves, and for models that weren't named.
    public package(set) var rejectedUnknownModel = 0
    /// For models that couldn't be loaded.
    public package(set) var rejectedModelFailed = 0
    /// How often an agent was asked to load its model, not counting repetitions.
    public package(set) var loadsWished = 0
    /// How often an agent was asked to unload it.
    public package(set) var unloadsWished = 0
    /// What became of these, and of what hosts did by themselves.
    public package(set) var loads = LoadCounters()
    /// How often a server that its agent runs had crashed and was started again.
    public package(set) var restarts = 0
    public package(set) var reports = 0
    /// Of those: from an agent whose upstream another one speaks for, or beyond the limit of upstreams.
    public package(set) var reportsIgnored = 0

    public init() {}

    public var rejected: Int {
        rejectedQueueFull + rejectedTenantFull + rejectedWaitTooLong + rejectedWaitedTooLong + rejectedAttemptsExhausted
            + rejectedShuttingDown + rejectedUnknownModel + rejectedModelFailed
    }

    mutating func count(_ rejection: Rejection) {
        switch rejection {
        case .queueFull, .modelQueueFull: rejectedQueueFull += 1
        case .tenantQueueFull, .tenantBusy: rejectedTenantFull += 1
        case .waitTooLong: rejectedWaitTooLong += 1
        case .waitedTooLong: rejectedWaitedTooLong += 1
        case .attemptsExhausted: rejectedAttemptsExhausted += 1
        // Only requests that need a slot are counted here.
        case .noServer: break
        case .shuttingDown: rejectedShuttingDown += 1
        case .modelFailed: rejectedModelFailed += 1
        case .unknownModel, .modelNotNamed, .workNotServed: rejectedUnknownModel += 1
        }
    }

    mutating func count(_ failure: Failure) {
        switch failure {
        case .connectFailed: connectFailures += 1
        case .unavailable: unavailable += 1
        case .refused: refused += 1
        case .brokenOff: brokenOff += 1
        }
    }
}
