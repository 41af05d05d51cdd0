import AgentProtocol
import AgentRules
import Logging

/// Carries out what `LlamaServerWatch` decides and publishes what it finds.
struct WatchLoop: Sendable {
    let prober: LlamaServerProber
    /// nil: somebody runs the server who doesn't say anything.
    var keeper: (any ServerKeeper)?
    /// The same, if it loads and unloads the model.
    var modelKeeper: (any ModelKeeper)?
    /// What is known of the machine's accelerators at this moment.
    var accelerators: @Sendable () -> [Accelerator]? = { nil }
    let demand: PollDemand
    let outboxes: [LinkOutbox]
    let leases: LeaseExchange
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
        /// - Parameter generation: of the server that was asked.
        case answered(Probe, Probe.Answer, generation: Int)
        /// Something is new with whoever loads and unloads the model.
        case modelChanged
        /// The model has waited for so long to be unloaded, by the number of the wait.
        case unloadingSettles(Int)
    }

    /// What the loop remembers from event to event.
    private struct Memory {
        var watch: LlamaServerWatch
        var timers: Set<Duration> = []
        /// What was published last.
        var told: ServerStatus?
        /// Of the server whose health is known.
        var generation: Int?
        /// How many times it was to be unloaded.
        var unloadings = 0
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
        var memory = Memory(watch: LlamaServerWatch(intervals: intervals))
        await withDiscardingTaskGroup { group in
            if let modelKeeper {
                group.addTask { for await _ in modelKeeper.changes { feed.yield(.modelChanged) } }
            }
            advance(&memory, in: &group, feed: feed, intervals: intervals)
            for await event in events {
                switch event {
                case .pollDemanded:
                    demand.taken()
                    memory.watch.demandPoll()
                case .balancerDoesNotAsk:
                    memory.watch.neverRest()
                case .timerFired(let time):
                    memory.timers.remove(time)
                case .answered(let probe, let answer, let generation):
                    take(answer, to: probe, of: generation, &memory)
                case .modelChanged:
                    memory.watch.askHealth(by: clock.now())
                case .unloadingSettles(let number):
                    guard number == memory.unloadings, board.current.withdrawal == .unloading else { break }
                    board.note { $0.offersSettled() }
                    // It is waited for what only a look at the slots can tell.
                    memory.watch.demandPoll()
                    settle(number, in: &group, feed: feed)
                }
                publish(&memory)
                leaveOrStay(&memory, in: &group, feed: feed)
                advance(&memory, in: &group, feed: feed, intervals: intervals)
            }
            group.cancelAll()
        }
    }

    private func take(_ answer: Probe.Answer, to probe: Probe, of generation: Int, _ memory: inout Memory) {
        var answer = answer
        if probe == .health, let keeper {
            let present = modelKeeper?.state.generation ?? 0
            if generation == present {
                keeper.answered(isReady: answer.isReady)
            } else {
                answer = .absent(keeper.absence ?? .loading)
            }
            memory.generation = present
            if case .failed = answer, keeper.isArriving { answer = .absent(.loading) }
            if keeper.isAwaited { memory.watch.askHealth(by: clock.now() + Self.impatience) }
        }
        _ = memory.watch.completed(probe, answer, at: clock.now(), sinceEpoch: clock.sinceEpoch())
    }

    private func publish(_ memory: inout Memory) {
        guard var status = memory.watch.status else { return }
        if let modelKeeper {
            status.models = modelKeeper.models
            status.onDemand = modelKeeper.state.onDemand
        }
        status.accelerators = accelerators()
        let old = memory.told
        guard status != old else { return }
        memory.told = status
        if let sample = status.sample, sample.number != old?.sample?.number {
            modelKeeper?.sampled(isBusy: sample.processing > 0)
        }
        leases.publish(status)
        // Last, for it may be what the agent waits for to leave, and then this is its last word.
        board.note { $0.serverChanged(status) }
        if status.condition != old?.condition { log(status.condition) }
    }

    private func advance(
        _ memory: inout Memory,
        in group: inout DiscardingTaskGroup,
        feed: AsyncStream<Event>.Continuation,
        intervals: WatchIntervals
    ) {
        for probe in memory.watch.startDue(at: clock.now()) {
            let generation = modelKeeper?.state.generation ?? 0
            if probe == .health, let condition = keeper?.absence {
                feed.yield(.answered(probe, .absent(condition), generation: generation))
                continue
            }
            group.addTask {
                let answer = await prober.answer(to: probe, within: intervals.limit(of: probe))
                feed.yield(.answered(probe, answer, generation: generation))
            }
        }
        // Timers aren't taken back: one that fires without need only asks once more what is due.
        guard let due = memory.watch.nextDue, memory.timers.allSatisfy({ due < $0 }) else { return }
        memory.timers.insert(due)
        group.addTask {
            guard (try? await clock.sleep(until: due)) != nil else { return }
            feed.yield(.timerFired(due))
        }
    }

    // MARK: - Unloading

    /// Tells balancers that the server is about to leave, or that it is back: the latter when it is known, and has been said,
    /// what is there now.
    private func leaveOrStay(
        _ memory: inout Memory,
        in group: inout DiscardingTaskGroup,
        feed: AsyncStream<Event>.Continuation
    ) {
        guard let model = modelKeeper?.state else { return }
        switch board.current.withdrawal {
        case .none where model.isDraining:
            memory.unloadings += 1
            // Before it is asked whether anything runs: who comes now is told at once.
            for outbox in outboxes { outbox.unload() }
            board.note { $0.unload() }
            settle(memory.unloadings, in: &group, feed: feed)
        case .unloading where !model.isDraining && model.generation == memory.generation:
            board.note { $0.stay() }
            for outbox in outboxes { outbox.stay() }
            memory.watch.demandPoll()
        case .none, .unloading, .stopping, .goodbye:
            break
        }
    }

    private func settle(_ number: Int, in group: inout DiscardingTaskGroup, feed: AsyncStream<Event>.Continuation) {
        group.addTask {
            guard (try? await clock.sleep(until: clock.now() + AgentState.settlingTime)) != nil else { return }
            feed.yield(.unloadingSettles(number))
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
