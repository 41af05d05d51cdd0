import AgentProtocol
import AgentRules
import Logging

/// Carries out what `LlamaServerWatch` decides and publishes what it finds.
struct WatchLoop: Sendable {
    let prober: LlamaServerProber
    /// nil: somebody runs the server who doesn't say anything.
    var keeper: (any ServerKeeper)?
    let demand: PollDemand
    let outboxes: [LinkOutbox]
    let board: AgentBoard
    let clock: AgentClock
    let logger: Logger

    /// How long after its last answer a server that is awaited is asked for its health.
    private static let impatience = Duration.milliseconds(200)

    enum Event: Sendable {
        case pollDemanded
        /// An older balancer, which doesn't ask for a look before it uses a server that rests.
        case balancerDoesNotAsk
        case timerFired(Duration)
        case answered(Probe, Probe.Answer)
    }

    /// Returns when cancelled.
    ///
    /// - Parameter feed: what is fed is bounded: one demand until it is taken, one event for each welcome, one answer per
    ///   question, one event per timer, of which each is earlier than the one before.
    func run(
        _ events: AsyncStream<Event>,
        feed: AsyncStream<Event>.Continuation,
        intervals: WatchIntervals
    ) async {
        var watch = LlamaServerWatch(intervals: intervals)
        var timers: Set<Duration> = []
        await withDiscardingTaskGroup { group in
            advance(&watch, &timers, in: &group, feed: feed, intervals: intervals)
            for await event in events {
                switch event {
                case .pollDemanded:
                    demand.taken()
                    watch.demandPoll()
                case .balancerDoesNotAsk:
                    watch.neverRest()
                case .timerFired(let time):
                    timers.remove(time)
                case .answered(let probe, var answer):
                    if probe == .health, let keeper {
                        keeper.answered(isReady: answer.isReady)
                        if case .failed = answer, keeper.isArriving { answer = .absent(.loading) }
                        if keeper.isAwaited { watch.askHealth(by: clock.now() + Self.impatience) }
                    }
                    let old = watch.status?.condition
                    if watch.completed(probe, answer, at: clock.now(), sinceEpoch: clock.sinceEpoch()),
                        let status = watch.status
                    {
                        for outbox in outboxes { outbox.publish(status) }
                        // Last, for it may be what the agent waits for to leave, and then this is its last word.
                        board.note { $0.serverChanged(status) }
                        if status.condition != old { log(status.condition) }
                    }
                }
                advance(&watch, &timers, in: &group, feed: feed, intervals: intervals)
            }
            group.cancelAll()
        }
    }

    private func advance(
        _ watch: inout LlamaServerWatch,
        _ timers: inout Set<Duration>,
        in group: inout DiscardingTaskGroup,
        feed: AsyncStream<Event>.Continuation,
        intervals: WatchIntervals
    ) {
        for probe in watch.startDue(at: clock.now()) {
            if probe == .health, let condition = keeper?.absence {
                feed.yield(.answered(probe, .absent(condition)))
                continue
            }
            group.addTask {
                feed.yield(.answered(probe, await prober.answer(to: probe, within: intervals.limit(of: probe))))
            }
        }
        // Timers aren't taken back: one that fires without need only asks once more what is due.
        guard let due = watch.nextDue, timers.allSatisfy({ due < $0 }) else { return }
        timers.insert(due)
        group.addTask {
            guard (try? await clock.sleep(until: due)) != nil else { return }
            feed.yield(.timerFired(due))
        }
    }

    private func log(_ condition: Condition) {
        var metadata: Logger.Metadata = ["condition": "\(condition.kind)"]
        switch condition {
        case .down(let reason), .stuck(let reason), .restarting(let reason), .failing(let reason),
            .unexpected(let reason):
            metadata["reason"] = "\(reason)"
        case .ready, .loading, .unresponsive, .unauthorized, .slotsDisabled, .unloaded: break
        }
        if let hint = condition.hint { metadata["hint"] = "\(hint)" }
        let level: Logger.Level = [.ready, .loading, .unloaded].contains(condition) ? .info : .warning
        logger.log(level: level, "llama-server changed", metadata: metadata)
    }
}
