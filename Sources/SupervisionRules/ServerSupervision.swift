/// When a server's process is started, told to end, killed, started again and given up: a state machine without clock or
/// process.
///
/// A server that ends before it was ever ready is given up at once: its command is wrong, and whoever started it looks on.
/// One that was ready is started again, after pauses that grow, until it has crashed so often in a row without having
/// been ready in between.
package struct ServerSupervision: Sendable {
    package private(set) var phase = Phase.idle

    private let limits: SupervisionLimits
    private var crashes = 0
    private var wasEverReady = false
    private var health = Health.away

    package enum Phase: Equatable, Sendable {
        /// Nothing was asked for yet.
        case idle
        /// Its process isn't there yet.
        case starting
        /// It runs, and isn't ready.
        case loading(quietSince: Duration)
        case ready
        /// It was told to end.
        case ending(Wish, killAt: Duration)
        /// It was killed, and is about to be gone.
        case killed(Wish)
        /// It is started again then.
        case pausing(until: Duration, after: ServerEnd)
        /// It isn't started again.
        case failing(ServerEnd)
        /// Nobody wants it any more, and it is gone.
        case stopped
    }

    /// Why it was told to end.
    package enum Wish: Equatable, Sendable {
        case stop
        case silence(Duration)
    }

    /// What its `/health` says.
    package enum Health: Equatable, Sendable {
        case away
        case loading
        case ready
    }

    package enum Decision: Equatable, Sendable {
        case start
        /// Ask the process, and all that it has started, to end.
        case terminate
        case kill
        /// Nothing is left to do until it is to be stopped.
        case giveUp(ServerEnd, wasEverReady: Bool)
        /// All is over.
        case finish
    }

    package init(limits: SupervisionLimits = SupervisionLimits()) {
        self.limits = limits
    }

    /// When `timePassed` has something to decide, unless something happens before; nil: only what happens matters.
    package var nextDue: Duration? {
        switch phase {
        case .loading(let quietSince): quietSince + limits.loadingSilence
        case .ending(_, let killAt): killAt
        case .pausing(let until, _): until
        case .idle, .starting, .ready, .killed, .failing, .stopped: nil
        }
    }

    /// Whether it has been started, and hasn't answered yet.
    package var isArriving: Bool {
        switch phase {
        case .starting: true
        case .loading: health == .away
        case .idle, .ready, .ending, .killed, .pausing, .failing, .stopped: false
        }
    }

    /// Whether it isn't ready, and is to be soon.
    package var isAwaited: Bool {
        switch phase {
        case .starting, .loading, .pausing: true
        case .idle, .ready, .ending, .killed, .failing, .stopped: false
        }
    }

    // MARK: - What is wanted

    package mutating func begin() -> Decision? {
        guard phase == .idle else { return nil }
        phase = .starting
        return .start
    }

    /// Nobody wants the server any more.
    package mutating func stop(at now: Duration) -> Decision? {
        switch phase {
        case .starting, .loading, .ready:
            phase = .ending(.stop, killAt: now + limits.grace)
            return .terminate
        case .ending(_, let killAt):
            phase = .ending(.stop, killAt: killAt)
            return nil
        case .killed:
            phase = .killed(.stop)
            return nil
        case .idle, .pausing, .failing:
            phase = .stopped
            return .finish
        case .stopped:
            return nil
        }
    }

    // MARK: - What happens

    /// Its process is there.
    package mutating func started(at now: Duration) -> Decision? {
        switch phase {
        case .starting:
            health = .away
            phase = .loading(quietSince: now)
            return nil
        // Nobody could be told before.
        case .ending: return .terminate
        case .killed: return .kill
        case .idle, .loading, .ready, .pausing, .failing, .stopped: return nil
        }
    }

    /// It has printed something.
    package mutating func printed(at now: Duration) {
        if case .loading = phase { phase = .loading(quietSince: now) }
    }

    /// It was asked for its health.
    package mutating func answered(_ health: Health, at now: Duration) {
        guard case .loading = phase else { return }
        if health == .ready {
            phase = .ready
            wasEverReady = true
            crashes = 0
        } else if health != self.health {
            phase = .loading(quietSince: now)
        }
        self.health = health
    }

    /// Its process, and all that it had started, is gone; or there never was one.
    package mutating func ended(_ end: ServerEnd, at now: Duration) -> Decision? {
        switch phase {
        case .ending(.stop, _), .killed(.stop):
            phase = .stopped
            return .finish
        case .ending(.silence(let time), _), .killed(.silence(let time)):
            return crashed(.silent(time), at: now)
        case .starting, .loading, .ready:
            return crashed(end, at: now)
        case .idle, .pausing, .failing, .stopped:
            return nil
        }
    }

    package mutating func timePassed(at now: Duration) -> Decision? {
        guard let due = nextDue, due <= now else { return nil }
        switch phase {
        case .loading:
            phase = .ending(.silence(limits.loadingSilence), killAt: now + limits.grace)
            return .terminate
        case .ending(let wish, _):
            phase = .killed(wish)
            return .kill
        case .pausing:
            phase = .starting
            return .start
        case .idle, .starting, .ready, .killed, .failing, .stopped:
            return nil
        }
    }

    private mutating func crashed(_ end: ServerEnd, at now: Duration) -> Decision? {
        crashes += 1
        guard wasEverReady, crashes < limits.crashes else {
            phase = .failing(end)
            return .giveUp(end, wasEverReady: wasEverReady)
        }
        phase = .pausing(until: now + limits.pause(after: crashes), after: end)
        return nil
    }
}
