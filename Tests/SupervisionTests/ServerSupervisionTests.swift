import SupervisionRules
import Testing

struct ServerSupervisionTests {
    private let crash = ServerEnd.exited(1)

    /// One that has just become ready.
    private func ready() -> ServerSupervision {
        var supervision = ServerSupervision()
        _ = supervision.begin()
        _ = supervision.started(at: .zero)
        supervision.answered(.ready, at: .zero)
        return supervision
    }

    /// Starts it again when its pause is over.
    ///
    /// - Returns: how long the pause was.
    private func restart(_ supervision: inout ServerSupervision, after now: Duration) throws -> Duration {
        let due = try #require(supervision.nextDue)
        #expect(supervision.timePassed(at: due - .milliseconds(1)) == nil)
        #expect(supervision.timePassed(at: due) == .start)
        #expect(supervision.started(at: due) == nil)
        return due - now
    }

    @Test("it is started once")
    func start() {
        var supervision = ServerSupervision()
        #expect(supervision.begin() == .start)
        #expect(supervision.begin() == nil)
        #expect(supervision.started(at: .seconds(1)) == nil)
        #expect(supervision.phase == .loading(quietSince: .seconds(1)))
    }

    @Test(
        "one that ends before it was ever ready is given up at once",
        arguments: [ServerEnd.exited(0), .exited(1), .signaled(6)]
    )
    func wrongCommand(end: ServerEnd) {
        var supervision = ServerSupervision()
        _ = supervision.begin()
        _ = supervision.started(at: .zero)
        #expect(supervision.ended(end, at: .seconds(1)) == .giveUp(end, wasEverReady: false))
        #expect(supervision.phase == .failing(end))
        #expect(supervision.nextDue == nil)
    }

    @Test("so is one that can't be started")
    func notStarted() {
        var supervision = ServerSupervision()
        _ = supervision.begin()
        let end = ServerEnd.notStarted("no such file")
        #expect(supervision.ended(end, at: .zero) == .giveUp(end, wasEverReady: false))
    }

    @Test("one that was ready is started again, after pauses that grow, and given up at the fifth crash in a row")
    func fiveCrashes() throws {
        var supervision = ready()
        var pauses: [Duration] = []
        var now = Duration.seconds(60)
        for _ in 1...4 {
            #expect(supervision.ended(crash, at: now) == nil)
            let pause = try restart(&supervision, after: now)
            pauses.append(pause)
            now += pause
        }
        #expect(pauses == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
        #expect(supervision.ended(crash, at: now) == .giveUp(crash, wasEverReady: true))
        #expect(supervision.phase == .failing(crash))
    }

    @Test("crashes aren't in a row when it was ready in between")
    func crashesApart() throws {
        var supervision = ready()
        for round in 1...50 {
            let now = Duration.seconds(round)
            #expect(supervision.ended(.signaled(9), at: now) == nil)
            #expect(try restart(&supervision, after: now) == .milliseconds(500))
            supervision.answered(.ready, at: now + .milliseconds(600))
            #expect(supervision.phase == .ready)
        }
    }

    @Test("it may load for as long as it prints, or its health changes")
    func signsOfLife() throws {
        var supervision = ServerSupervision(limits: SupervisionLimits(loadingSilence: .seconds(10)))
        _ = supervision.begin()
        _ = supervision.started(at: .zero)
        supervision.printed(at: .seconds(9))
        #expect(supervision.timePassed(at: .seconds(10)) == nil)
        supervision.answered(.loading, at: .seconds(18))
        #expect(supervision.timePassed(at: .seconds(19)) == nil)
        // The same again is no sign.
        supervision.answered(.loading, at: .seconds(27))
        #expect(supervision.nextDue == .seconds(28))
        #expect(supervision.timePassed(at: .seconds(28)) == .terminate)
        #expect(
            supervision.ended(.signaled(15), at: .seconds(29)) == .giveUp(.silent(.seconds(10)), wasEverReady: false)
        )
    }

    @Test("it is arriving until it answers, and awaited until it is ready")
    func awaited() throws {
        var supervision = ServerSupervision()
        #expect(!supervision.isArriving && !supervision.isAwaited)
        _ = supervision.begin()
        #expect(supervision.isArriving && supervision.isAwaited)
        _ = supervision.started(at: .zero)
        supervision.answered(.away, at: .seconds(1))
        #expect(supervision.isArriving && supervision.isAwaited)
        supervision.answered(.loading, at: .seconds(2))
        #expect(!supervision.isArriving && supervision.isAwaited)
        supervision.answered(.ready, at: .seconds(3))
        #expect(!supervision.isArriving && !supervision.isAwaited)
        _ = supervision.ended(crash, at: .seconds(4))
        #expect(!supervision.isArriving && supervision.isAwaited)
    }

    @Test("silence doesn't matter once it is ready")
    func silenceWhenReady() {
        let supervision = ready()
        #expect(supervision.nextDue == nil)
    }

    @Test("one that is to be stopped is asked first, and killed when its grace is over")
    func stop() {
        var supervision = ready()
        #expect(supervision.stop(at: .seconds(100)) == .terminate)
        #expect(supervision.stop(at: .seconds(101)) == nil)
        #expect(supervision.timePassed(at: .seconds(109)) == nil)
        #expect(supervision.timePassed(at: .seconds(110)) == .kill)
        #expect(supervision.timePassed(at: .seconds(120)) == nil)
        #expect(supervision.ended(.signaled(9), at: .seconds(120)) == .finish)
        #expect(supervision.phase == .stopped)
    }

    @Test("one that is to be stopped before its process is there is told as soon as it is")
    func stopWhileStarting() {
        var supervision = ServerSupervision()
        _ = supervision.begin()
        #expect(supervision.stop(at: .zero) == .terminate)
        #expect(supervision.started(at: .milliseconds(1)) == .terminate)
        #expect(supervision.ended(.signaled(15), at: .milliseconds(2)) == .finish)
    }

    @Test("between two starts there is nothing to be stopped")
    func stopWhilePausing() {
        var supervision = ready()
        _ = supervision.ended(crash, at: .seconds(1))
        #expect(supervision.stop(at: .seconds(1)) == .finish)
        #expect(supervision.timePassed(at: .seconds(9)) == nil)
        #expect(supervision.nextDue == nil)
    }

    @Test("one that was given up can be stopped")
    func stopWhileFailing() {
        var supervision = ServerSupervision()
        _ = supervision.begin()
        _ = supervision.ended(crash, at: .zero)
        #expect(supervision.stop(at: .seconds(1)) == .finish)
    }

    @Test("a stop counts more than the silence for which it was being ended")
    func stopWhileSilent() throws {
        var supervision = ServerSupervision()
        _ = supervision.begin()
        _ = supervision.started(at: .zero)
        let due = try #require(supervision.nextDue)
        #expect(supervision.timePassed(at: due) == .terminate)
        #expect(supervision.stop(at: due) == nil)
        #expect(supervision.ended(.signaled(15), at: due) == .finish)
    }
}
