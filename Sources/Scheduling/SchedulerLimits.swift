/// The configuration, in range and in units that cost nothing per request.
struct SchedulerLimits: Sendable {
    /// What a request gets that comes back to the queue when its time is up: enough for an idle slot to take it.
    static let moment = Nanoseconds(count: 1_000_000)
    /// llama-server looks for clients that left only after a second without any finished task, such as a look at its
    /// slots. A little more, since its second begins and ends when its threads get to run.
    static let shortestPollInterval = Nanoseconds(.milliseconds(1250))

    /// By how much the word of another balancer's lease may be later than a sample that shows its request.
    static let leaseNewsDelay = Nanoseconds(.milliseconds(250))

    let maximumQueued: Int
    let queueTimeout: Nanoseconds
    let slotlessTimeout: Nanoseconds
    let maximumExpectedWait: Nanoseconds?
    let maximumAttempts: Int
    let brokenOffToEject: Int
    let ejectionFirst: Nanoseconds
    let ejectionLimit: Nanoseconds
    let coolingLimit: Nanoseconds
    let coolingPollSoon: Nanoseconds
    let coolingPollInterval: Nanoseconds
    let silencesToForget: Int64
    let maximumUpstreams: Int
    let lostMemory: Nanoseconds
    let maximumChangesPerMinute: Int
    let defaultModel: String?
    let balance: Balance
    let classPatience: Nanoseconds
    /// Those of the past, and second ones for the same address, fall silent and are forgotten.
    var maximumAgents: Int { 2 * maximumUpstreams }

    init(_ configuration: Scheduler.Configuration) {
        balance = configuration.balance
        classPatience = max(Self.moment, Nanoseconds(configuration.classPatience))
        maximumQueued = max(0, configuration.maximumQueued)
        queueTimeout = max(.zero, Nanoseconds(configuration.queueTimeout))
        slotlessTimeout = min(queueTimeout, max(.zero, Nanoseconds(configuration.slotlessTimeout)))
        maximumExpectedWait = configuration.maximumExpectedWait.map { max(.zero, Nanoseconds($0)) }
        maximumAttempts = max(1, configuration.maximumAttempts)
        brokenOffToEject = max(1, configuration.brokenOffToEject)
        ejectionFirst = max(.zero, Nanoseconds(configuration.ejectionFirst))
        ejectionLimit = max(.zero, Nanoseconds(configuration.ejectionLimit))
        coolingLimit = max(.zero, Nanoseconds(configuration.coolingLimit))
        coolingPollSoon = max(.zero, Nanoseconds(configuration.coolingPollSoon))
        coolingPollInterval = max(Self.shortestPollInterval, Nanoseconds(configuration.coolingPollInterval))
        silencesToForget = Int64(max(1, configuration.silencesToForget))
        maximumUpstreams = min(max(1, configuration.maximumUpstreams), 1_000_000)
        lostMemory = max(.zero, Nanoseconds(configuration.lostMemory))
        maximumChangesPerMinute = max(1, configuration.maximumChangesPerMinute)
        defaultModel = configuration.defaultModel
    }
}
