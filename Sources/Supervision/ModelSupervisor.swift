package import Logging
import ServiceLifecycle
package import SupervisionRules
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Runs the servers of several models: carries out what `ModelHost` decides.
///
/// Each load is a ``ServerSupervisor`` of its own, which lives until nothing is left of the server.
package final class ModelSupervisor: Service {
    private let models: [SupervisedModel]
    private let loadingSilence: Duration
    private let onMeasured: @Sendable (_ model: Int, _ bytes: Int) -> Void
    private let logger: Logger
    private let origin = ContinuousClock.now
    private let events: AsyncStream<Event>
    /// What is fed is bounded: a start and an end of each server, one timer that is earlier than the others, and looks, of which one
    /// is as good as many.
    private let feed: AsyncStream<Event>.Continuation
    private let signals: [(stream: AsyncStream<Void>, signal: AsyncStream<Void>.Continuation)]
    /// Any thread may ask, and tell what it has seen.
    private let state: Mutex<State>

    private struct State {
        var host: ModelHost
        var servers: [Server]
    }

    private struct Server {
        /// Of all its loads.
        let output: ServerOutput
        var supervisor: ServerSupervisor?
        var generation = 0
        var refusal: (number: Int, reason: String)?
        /// When it was last told in the log.
        var refusalToldAt: Duration?
    }

    private enum Event: Sendable {
        case start(Int, ServerSupervisor)
        case gone
        /// A server has just become ready, and takes most of what it will.
        case loaded
        /// Something may be due earlier.
        case look
        case timerFired(Duration)
        case stopWanted
    }

    /// From one measurement of memory to the next: a server may take more with each new kind of request, and less never counts.
    private static let measuringInterval = Duration.seconds(10)

    /// Balancers repeat their wishes.
    private static let refusalSilence = Duration.seconds(60)

    /// - Parameters:
    ///   - memoryBytes: what all servers may take together.
    ///   - loadingSilence: for how long a server may give no sign of life while it isn't ready.
    ///   - onMeasured: told what a model takes, by its number, whenever that has grown.
    package init(
        _ models: [SupervisedModel],
        memoryBytes: Int,
        loadingSilence: Duration,
        logger: Logger,
        onMeasured: @escaping @Sendable (_ model: Int, _ bytes: Int) -> Void = { _, _ in }
    ) {
        self.models = models
        self.loadingSilence = loadingSilence
        self.onMeasured = onMeasured
        self.logger = logger
        (events, feed) = AsyncStream.makeStream()
        signals = models.map { _ in
            let (stream, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            return (stream, signal)
        }
        state = Mutex(
            State(
                host: ModelHost(models.map(\.rules), memoryBytes: memoryBytes),
                servers: models.map { model in
                    Server(output: ServerOutput(file: model.logFile.map { ServerLogFile(path: $0, logger: logger) }))
                }
            )
        )
    }

    /// Runs what is wished until a graceful shutdown or cancellation; then nothing is left of any server.
    package func run() async {
        await withGracefulShutdownHandler {
            await obey()
        } onGracefulShutdown: {
            self.feed.yield(.stopWanted)
        }
    }

    // MARK: - For those who speak for a model, by its number

    package func snapshot(of model: Int) -> ModelSnapshot {
        state.withLock { state in
            let server = state.servers[model]
            let phase = state.host.models[model].phase
            return ModelSnapshot(
                model: state.host.models[model],
                generation: server.generation,
                refusal: server.refusal,
                absence: server.supervisor?.absence,
                // What ends answers no more, before it is gone.
                isArriving: phase == .ending || server.supervisor?.isArriving ?? false,
                isAwaited: server.supervisor?.isAwaited ?? false
            )
        }
    }

    /// What its servers have printed.
    package func output(of model: Int) -> ServerOutput {
        state.withLock { $0.servers[model].output }
    }

    /// A signal after each change. For one reader.
    package func changes(of model: Int) -> AsyncStream<Void> {
        signals[model].stream
    }

    /// A balancer wishes it.
    ///
    /// - Parameter isOrder: an operator wants it.
    package func wish(_ wish: ModelHost.Wish, isOrder: Bool, of model: Int) {
        decide { state, now in state.host.wish(wish, isOrder: isOrder, of: model, at: now) }
    }

    /// A server was asked for its health.
    ///
    /// - Parameter isReady: nil: there was no answer.
    package func answered(isReady: Bool?, by model: Int) {
        state.withLock { $0.servers[model].supervisor }?.answered(isReady: isReady)
        guard isReady == true else { return }
        decide { state, now in
            if case .loading = state.host.models[model].phase { feed.yield(.loaded) }
            return state.host.ready(model, at: now)
        }
    }

    /// A server's slots were looked at.
    package func sampled(_ model: Int, isBusy: Bool) {
        decide { state, now in
            state.host.sampled(model, isBusy: isBusy, at: now)
            return []
        }
    }

    /// A balancer is about to send something to a server.
    package func aboutToBeUsed(_ model: Int) {
        decide { state, now in
            state.host.aboutToBeUsed(model, at: now)
            return []
        }
    }

    /// Nothing runs any more on a server that is draining.
    package func drained(_ model: Int) {
        decide { state, _ in state.host.drained(model) }
    }

    // MARK: - Decisions

    private var now: Duration { .now - origin }

    private func decide(_ body: (inout State, Duration) -> [ModelHost.Decision]) {
        let now = now
        let (decisions, changed, due) = state.withLock { state in
            let former = state.host.models.map { ($0.phase, $0.memoryBytes) }
            let decisions = body(&state, now)
            for decision in decisions { prepare(decision, &state) }
            let changed = models.indices.filter { model in
                (state.host.models[model].phase, state.host.models[model].memoryBytes) != former[model]
            }
            return (decisions.map { ($0, supervisor(for: $0, state)) }, changed, state.host.nextDue)
        }
        for (decision, supervisor) in decisions { carryOut(decision, supervisor) }
        for model in Set(changed).union(decisions.compactMap(\.0.refused)) { signals[model].signal.yield() }
        if due != nil { feed.yield(.look) }
    }

    private func prepare(_ decision: ModelHost.Decision, _ state: inout State) {
        switch decision {
        case .start(let model):
            state.servers[model].generation += 1
            state.servers[model].supervisor = ServerSupervisor(
                name: "llama-server",
                launch: models[model].launch,
                output: state.servers[model].output,
                loadingSilence: loadingSilence,
                outlivesFailure: false,
                onCrash: { [weak self] in self?.crashed(model) },
                logger: logger(of: model)
            )
        case .refuse(let model, let reason):
            state.servers[model].refusal = ((state.servers[model].refusal?.number ?? 0) + 1, reason)
        case .drain, .keep, .end:
            break
        }
    }

    private func supervisor(for decision: ModelHost.Decision, _ state: State) -> ServerSupervisor? {
        switch decision {
        case .start(let model), .end(let model): state.servers[model].supervisor
        case .drain, .keep, .refuse: nil
        }
    }

    private func carryOut(_ decision: ModelHost.Decision, _ supervisor: ServerSupervisor?) {
        switch decision {
        case .start(let model):
            if let supervisor { feed.yield(.start(model, supervisor)) }
        case .end:
            supervisor?.stop()
        case .drain(let model, .ttl):
            logger(of: model).info("unloading the model: nothing has run on it for its ttl")
        case .drain(let model, .wish):
            logger(of: model).info("unloading the model: a balancer wishes it")
        case .keep(let model):
            logger(of: model).info("the model is kept: a balancer wishes it")
        case .refuse(let model, let reason):
            logger(of: model).log(
                level: isDueToTellRefusal(of: model) ? .info : .debug,
                "a wish is refused",
                metadata: ["reason": "\(reason)"]
            )
        }
    }

    private func isDueToTellRefusal(of model: Int) -> Bool {
        let now = now
        return state.withLock { state in
            if let last = state.servers[model].refusalToldAt, now - last < Self.refusalSilence { return false }
            state.servers[model].refusalToldAt = now
            return true
        }
    }

    private func logger(of model: Int) -> Logger {
        var logger = logger
        logger[metadataKey: "model"] = "\(models[model].name)"
        return logger
    }

    // MARK: - Running

    private func obey() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                // Memory grows without an event that could be waited for. Cancelled: all is over.
                while (try? await Task.sleep(for: Self.measuringInterval)) != nil { self.measure() }
            }
            decide { state, now in state.host.begin(at: now) }
            var timers: Set<Duration> = []
            var isStopping = false
            loop: for await event in events {
                switch event {
                case .start(let model, let supervisor):
                    group.addTask { await self.run(model, supervisor) }
                case .timerFired(let time):
                    timers.remove(time)
                    decide { state, now in state.host.timePassed(at: now) }
                case .stopWanted:
                    isStopping = true
                    decide { state, _ in state.host.stop() }
                case .loaded:
                    measure()
                case .gone, .look:
                    break
                }
                let (isOver, due) = state.withLock { state in
                    (isStopping && state.servers.allSatisfy { $0.supervisor == nil }, state.host.nextDue)
                }
                if isOver { break loop }
                guard let due, timers.allSatisfy({ due < $0 }) else { continue }
                timers.insert(due)
                group.addTask {
                    // Cancelled: all is over, and nobody waits for the time any more.
                    guard (try? await Task.sleep(until: self.origin + due, clock: .continuous)) != nil else { return }
                    self.feed.yield(.timerFired(due))
                }
            }
            group.cancelAll()
        }
    }

    /// Returns when the server is gone.
    private func run(_ model: Int, _ supervisor: ServerSupervisor) async {
        var failure: String?
        do {
            try await supervisor.run()
        } catch let error as ServerGivenUp {
            failure = "it \(error.reason)"
        } catch {
            failure = "\(error)"
        }
        if let failure { logger(of: model).warning("llama-server has ended", metadata: ["reason": "\(failure)"]) }
        decide { state, now in
            state.servers[model].supervisor = nil
            state.servers[model].generation += 1
            return state.host.ended(model, failure: failure, at: now)
        }
        feed.yield(.gone)
    }

    /// A server is gone, and is started again.
    private func crashed(_ model: Int) {
        state.withLock { $0.servers[model].generation += 1 }
        signals[model].signal.yield()
    }

    private func measure() {
        let groups = state.withLock { state in
            models.indices.compactMap { model -> (model: Int, group: pid_t)? in
                guard case .estimated = models[model].rules.memory, case .ready = state.host.models[model].phase,
                    let group = state.servers[model].supervisor?.group
                else { return nil }
                return (model, group)
            }
        }
        let bytes = ResidentMemory.bytes(of: Set(groups.map(\.group)))
        for (model, group) in groups {
            guard let bytes = bytes[group] else { continue }
            var isMore = false
            decide { state, _ in
                // Its number may be somebody else's by now.
                guard state.servers[model].supervisor?.group == group else { return [] }
                let former = state.host.models[model].memoryBytes
                state.host.measured(model, bytes: bytes)
                isMore = state.host.models[model].memoryBytes != former
                return []
            }
            if isMore { onMeasured(model, bytes) }
        }
    }
}

extension ModelHost.Decision {
    /// Whose wish isn't followed.
    fileprivate var refused: Int? {
        if case .refuse(let model, _) = self { model } else { nil }
    }
}
