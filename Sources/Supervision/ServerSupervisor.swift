package import Logging
public import ServiceLifecycle
import Subprocess
import SupervisionRules
import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Runs a server: carries out what `ServerSupervision` decides.
///
/// The server is in a group of processes of its own, so that Ctrl-C reaches this process alone, and that what the server has
/// started ends with it. A ``ProcessGroupGuard`` leads the group, in case that this process is killed.
public final class ServerSupervisor: Service {
    private let name: String
    private let launch: ServerLaunch
    private let output: ServerOutput
    private let outlivesFailure: Bool
    private let onCrash: @Sendable () -> Void
    private let logger: Logger
    private let origin = ContinuousClock.now
    private let events: AsyncStream<Event>
    /// What is fed is bounded: wishes to stop, a start and an end of each process, one timer that is earlier than the others.
    private let feed: AsyncStream<Event>.Continuation
    /// Any thread may look, and tell what it has seen.
    private let state: Mutex<State>

    private struct State {
        var supervision: ServerSupervision
        /// Its processes' group, for as long as its leader isn't reaped: nobody else's has that number.
        var group: pid_t?
    }

    private enum Event: Sendable {
        case begin
        case started
        case ended(ServerEnd)
        case stopWanted
        case timerFired(Duration)
    }

    /// UTF-8 bytes of the log that are told to others.
    private static let longestExcerpt = 700

    /// - Parameters:
    ///   - name: what it is called in logs and errors.
    ///   - output: where what it prints is kept.
    ///   - loadingSilence: for how long it may give no sign of life while it isn't ready.
    ///   - outlivesFailure: whether this goes on when a server that was ready has crashed too often, so that it can be seen.
    ///   - onCrash: called whenever the server is gone and is started again after a pause.
    package init(
        name: String,
        launch: ServerLaunch,
        output: ServerOutput = ServerOutput(),
        loadingSilence: Duration,
        outlivesFailure: Bool = true,
        onCrash: @escaping @Sendable () -> Void = {},
        logger: Logger
    ) {
        self.name = name
        self.launch = launch
        self.output = output
        self.outlivesFailure = outlivesFailure
        self.onCrash = onCrash
        self.logger = logger
        (events, feed) = AsyncStream.makeStream()
        state = Mutex(State(supervision: ServerSupervision(limits: SupervisionLimits(loadingSilence: loadingSilence))))
    }

    /// Why it doesn't run; nil: it does, as far as is known, or is being started.
    public var absence: ServerAbsence? {
        switch state.withLock({ $0.supervision.phase }) {
        case .pausing(_, let end): .pausing(words(of: end))
        case .failing(let end): .failing(words(of: end))
        case .idle, .starting, .loading, .ready, .ending, .killed, .stopped: nil
        }
    }

    private func words(of end: ServerEnd) -> String {
        let lines = output.excerpt(bytes: Self.longestExcerpt)
        return "it \(end)" + (lines.isEmpty ? "" : ". " + ServerGivenUp.words(of: lines))
    }

    /// Whether it has been started, and hasn't answered yet.
    public var isArriving: Bool { state.withLock { $0.supervision.isArriving } }

    /// Whether it isn't ready, and is to be soon.
    public var isAwaited: Bool { state.withLock { $0.supervision.isAwaited } }

    /// Its health was asked for: nil: there was no answer.
    public func answered(isReady: Bool?) {
        let now = now
        state.withLock { state in
            state.supervision.answered(isReady.map { $0 ? .ready : .loading } ?? .away, at: now)
        }
    }

    /// Ends it, and ``run()`` with it; before that has begun, too.
    public func stop() {
        feed.yield(.stopWanted)
    }

    /// Runs the server until a graceful shutdown, ``stop()`` or cancellation; then nothing is left of it. To be called once.
    ///
    /// - Throws: ``ServerGivenUp`` if it ends by itself and isn't started again.
    public func run() async throws {
        feed.yield(.begin)
        let failure = await withGracefulShutdownHandler {
            await obey()
        } onGracefulShutdown: {
            self.stop()
        }
        output.flush()
        if let failure { throw failure }
    }

    /// Its processes' group; nil: there is none.
    var group: pid_t? { state.withLock { $0.group } }

    private var now: Duration { .now - origin }

    private func obey() async -> ServerGivenUp? {
        await withDiscardingTaskGroup { group in
            defer { group.cancelAll() }
            var timers: Set<Duration> = []
            for await event in events {
                if case .timerFired(let time) = event { timers.remove(time) }
                let now = now
                let (decision, phase, due) = decide(event, at: now)
                switch decision {
                case nil: break
                case .start:
                    logger.info("starting \(name)", metadata: ["program": "\(launch.program)"])
                    group.addTask { await self.runProcess() }
                case .terminate:
                    signal(SIGTERM)
                case .kill:
                    logger.warning("\(name) doesn't end, and is killed")
                    signal(SIGKILL)
                case .giveUp(let end, let wasEverReady) where !wasEverReady || !outlivesFailure:
                    let lines = output.excerpt(bytes: Self.longestExcerpt)
                    return ServerGivenUp(name: name, end: end, wasEverReady: wasEverReady, lastLines: lines)
                case .giveUp(let end, _):
                    logger.error("\(name) isn't started again: it has crashed too often in a row", metadata: told(end))
                case .finish:
                    return nil
                }
                if case .ended = event, case .pausing(let until, let end) = phase {
                    var metadata = told(end)
                    metadata["pause"] = "\(until - now)"
                    logger.warning("\(name) has ended, and is started again", metadata: metadata)
                    onCrash()
                }
                guard let due, timers.allSatisfy({ due < $0 }) else { continue }
                timers.insert(due)
                group.addTask {
                    // Cancelled: the server is over, and nobody waits for the time any more.
                    guard (try? await Task.sleep(until: self.origin + due, clock: .continuous)) != nil else { return }
                    self.feed.yield(.timerFired(due))
                }
            }
            return nil
        }
    }

    private func decide(
        _ event: Event,
        at now: Duration
    ) -> (decision: ServerSupervision.Decision?, phase: ServerSupervision.Phase, due: Duration?) {
        state.withLock { state in
            let decision =
                switch event {
                case .begin: state.supervision.begin()
                case .started: state.supervision.started(at: now)
                case .ended(let end): state.supervision.ended(end, at: now)
                case .stopWanted: state.supervision.stop(at: now)
                case .timerFired: state.supervision.timePassed(at: now)
                }
            return (decision, state.supervision.phase, state.supervision.nextDue)
        }
    }

    private func told(_ end: ServerEnd) -> Logger.Metadata {
        let lines = output.excerpt(bytes: Self.longestExcerpt)
        var metadata: Logger.Metadata = ["reason": "it \(end)"]
        if !lines.isEmpty { metadata["log"] = "\(lines.joined(separator: " / "))" }
        return metadata
    }

    /// The lock keeps the leader from being reaped, and its number from being somebody else's, meanwhile.
    private func signal(_ signal: Int32) {
        state.withLock { state in
            if let group = state.group { _ = kill(-group, signal) }
        }
    }
}

// MARK: - Its processes

extension ServerSupervisor {
    /// Returns when the server, its guard and all that it had started are gone.
    private func runProcess() async {
        let end: ServerEnd
        do {
            output.begin("[paddler] \(name) is started")
            end = try await runGuarded()
        } catch {
            end = .notStarted("\(error)")
        }
        output.note("[paddler] \(name) \(end)")
        feed.yield(.ended(end))
    }

    private func runGuarded() async throws -> ServerEnd {
        // Whoever listens there would be taken for the server, and be sent its requests.
        if let port = launch.port, !FreePort.isFree(port) {
            return .notStarted("another program has port \(port): end that one, or have this one use another port")
        }
        var options = PlatformOptions()
        options.processGroupID = 0
        return try await Subprocess.run(
            .path(FilePath(ProcessGroupGuard.program)),
            // What it is called in lists of processes.
            arguments: Arguments(executablePathOverride: "paddler", remainingValues: [ProcessGroupGuard.argument]),
            platformOptions: options,
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { leader in
            // Before it says so, it holds nothing.
            for try await _ in leader.standardOutput { break }
            let group = leader.processIdentifier.value
            state.withLock { $0.group = group }
            defer { state.withLock { $0.group = nil } }
            return await withTaskGroup(of: ServerEnd?.self) { tasks in
                tasks.addTask { await self.serverEnd(in: group) }
                tasks.addTask {
                    // It prints nothing: this ends with it.
                    do { for try await _ in leader.standardError {} } catch {}
                    return nil
                }
                var end = ServerEnd.signaled(SIGKILL)
                for await ended in tasks {
                    // Whichever of the two it was: nothing is to be left of the server, and none runs without its guard.
                    kill(-group, SIGKILL)
                    if let ended { end = ended }
                }
                return end
            }
        }.closureResult
    }

    private func serverEnd(in group: pid_t) async -> ServerEnd {
        do {
            return try await runServer(in: group)
        } catch {
            return .notStarted("\(error)")
        }
    }

    private func runServer(in group: pid_t) async throws -> ServerEnd {
        var options = PlatformOptions()
        options.processGroupID = group
        let variables = launch.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let result = try await Subprocess.run(
            .path(FilePath(launch.program)),
            arguments: Arguments(launch.arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)),
            workingDirectory: launch.workingDirectory.map { FilePath($0) },
            platformOptions: options,
            input: .none,
            output: .sequence,
            error: .combinedWithOutput
        ) { server in
            feed.yield(.started)
            // Its end ends this, too, even where something that it has started holds the other end of the pipe.
            for try await bytes in server.standardOutput { read(bytes) }
            if let line = output.end() { pass(on: line) }
        }
        return switch result.terminationStatus {
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signaled(signal)
        }
    }

    private func read(_ bytes: SubprocessOutputSequence.Buffer) {
        let now = now
        state.withLock { $0.supervision.printed(at: now) }
        for line in bytes.withUnsafeBytes({ output.take($0) }) { pass(on: line) }
    }

    private func pass(on line: String) {
        logger.debug("\(name) says", metadata: ["line": "\(line)"])
    }
}
