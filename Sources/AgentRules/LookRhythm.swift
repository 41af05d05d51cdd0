/// When the slots are looked at next without a reason.
///
/// Each look is a task for llama-server, and with `--sleep-idle-seconds` it falls asleep only when no task has come for
/// that long (llama.cpp, `server_queue::start_loop`; health, properties and models are answered without one). So a server
/// in which nothing runs is looked at less and less often: whatever its time is, a pause becomes longer than that. As long
/// as it has been idle, so long may it take until it is seen that somebody else uses it; balancers are told, and ask for a
/// look with the next request that they send there.
struct LookRhythm: Sendable {
    /// While something runs, or may.
    private let shortest: Duration
    private var longest: Duration
    private var pause: Duration
    private var dueAt: Duration?
    /// Whether the next look is later than it would be while something runs.
    private(set) var isResting = false

    /// No server is given more time before it falls asleep.
    private static let day = Duration.seconds(24 * 3600)

    /// - Parameter restsWhileIdle: whether looks at a server in which nothing runs become rarer.
    init(shortest: Duration, restsWhileIdle: Bool) {
        self.shortest = shortest
        longest = restsWhileIdle ? max(shortest, Self.day) : shortest
        pause = shortest
    }

    func isDue(at now: Duration) -> Bool {
        dueAt.map { $0 <= now } ?? true
    }

    /// - Parameters:
    ///   - isIdle: whether it was certain to have nothing to do.
    ///   - start: when the round began to which the look belongs.
    mutating func looked(seeingIdle isIdle: Bool, inRoundOf start: Duration) {
        if !isIdle { pause = shortest }
        dueAt = start + pause
        isResting = pause > shortest
        if isIdle { pause = min(pause * 2, longest) }
    }

    /// Something runs there, or soon will.
    mutating func disturbed() {
        pause = shortest
    }

    /// Looks stay regular from now on.
    mutating func neverRest() {
        longest = shortest
        pause = shortest
        if isResting { dueAt = nil }
    }
}
