import LlamaServer
import ProxyExchange
import Scheduling
import Testing

@Suite("The way of a request")
struct ExchangeTests {
    private static let limits = Exchange.Limits(attemptsAfterSend: 2, connect: .seconds(2))
    private static let now = Instant(nanoseconds: 1_000_000_000_000)

    private static let route = UpstreamRoute(address: NetworkAddress(host: "a", port: 8080))
    private static let request = RequestID(rawValue: 1)

    /// Of one server with a slot.
    private static func scheduler() -> Scheduler {
        var scheduler = Scheduler(configuration: Scheduler.Configuration())
        let report = UpstreamReport(
            agent: AgentID(rawValue: "a"),
            route: route,
            condition: .ready,
            slots: SlotSample(total: 1, processing: 0, taken: now...now),
            maximumSilence: .seconds(3600)
        )
        _ = scheduler.reported(report, at: now)
        return scheduler
    }

    /// A request that has a slot.
    private static func leased(isForOneServer: Bool = false) throws -> (Exchange, Target) {
        var scheduler = scheduler()
        var exchange = Exchange(request, isSlotless: false, isIdempotent: false, limits)
        exchange.isForOneServer = isForOneServer
        let action = exchange.submitted(scheduler.submit(request, at: now))
        guard case .send(let target) = action else { throw Unexpected(what: "\(action)") }
        return (exchange, target)
    }

    /// A request that needs none.
    private static func free(isIdempotent: Bool) throws -> (Exchange, Target) {
        let found = scheduler().freeUpstream(avoiding: nil)
        guard let (upstream, route) = found else { throw Unexpected(what: "no upstream") }
        let exchange = Exchange(request, isSlotless: true, isIdempotent: isIdempotent, limits)
        return (exchange, .free(upstream, route))
    }

    private struct Unexpected: Error {
        let what: String
    }

    @Test("what couldn't be connected to gives its lease back for another try, in the words of the failure")
    func unreachable() throws {
        let (started, target) = try Self.leased()
        var exchange = started
        let attempt = exchange.connects(to: target)
        let action = exchange.connectFailed(attempt, "refused", isOwnFault: false, at: Self.now)
        guard case .retry(let lease, .connectFailed) = action else { Issue.record("\(action)"); return }
        #expect(lease == target.lease)
        #expect(exchange.lastFailure == "the last attempt to connect: refused")
    }

    @Test("without descriptors a request keeps its slot for as long as an upstream may take to accept, and no longer")
    func noMeans() throws {
        let (started, target) = try Self.leased()
        var exchange = started
        let attempt = exchange.connects(to: target)
        for milliseconds in [0, 1999] {
            let now = Self.now + .milliseconds(milliseconds)
            let action = exchange.connectFailed(attempt, "no descriptor", isOwnFault: true, at: now)
            guard case .connectSoon = action else { Issue.record("\(action)"); return }
        }
        let action = exchange.connectFailed(attempt, "no descriptor", isOwnFault: true, at: Self.now + .seconds(2))
        guard case .end(.noMeans, let release?) = action else { Issue.record("\(action)"); return }
        #expect(release.outcome == .unsent)
    }

    @Test("a late word about an attempt means nothing")
    func lateWord() throws {
        let (started, target) = try Self.leased()
        var exchange = started
        let old = exchange.connects(to: target)
        let new = exchange.connects(to: target)
        #expect(exchange.target(of: old) == nil)
        #expect(exchange.target(of: new) != nil)
        guard case .none = exchange.connectFailed(old, "late", isOwnFault: false, at: Self.now) else {
            Issue.record("a late failure counted")
            return
        }
        guard case .none = exchange.lifeFound(old, isAlive: false) else {
            Issue.record("a late death counted")
            return
        }
    }

    @Test("what was unread goes out again at once; what may have been executed first finds out who lives")
    func brokenOff() throws {
        let (started, target) = try Self.leased()
        var exchange = started
        exchange.sent(to: target)
        guard case .connect = exchange.brokeOff(.unread(wasIdle: true)) else { Issue.record("not again"); return }
        exchange.sent(to: target)
        let action = exchange.brokeOff(.perhapsExecuted)
        guard case .checkLife(_, let attempt) = action else { Issue.record("\(action)"); return }
        #expect(!exchange.mayReuseConnection)
        guard case .retry(_, after: .brokenOff) = exchange.lifeFound(attempt, isAlive: true) else {
            Issue.record("not tried again")
            return
        }
    }

    @Test(
        "what was sent without a slot and may have been executed goes out again only if that does no harm",
        arguments: [true, false]
    )
    func slotless(isIdempotent: Bool) throws {
        let (started, target) = try Self.free(isIdempotent: isIdempotent)
        var exchange = started
        for attempt in 1...2 {
            exchange.sent(to: target)
            guard case .checkLife(_, let check) = exchange.brokeOff(.perhapsExecuted) else {
                Issue.record("no check"); return
            }
            switch exchange.lifeFound(check, isAlive: true) {
            case .retryWithoutSlot(_, isUnreachable: false): #expect(isIdempotent && attempt == 1)
            case .end(.brokenOff, nil): #expect(!isIdempotent || attempt == 2)
            case let other: Issue.record("\(other)")
            }
            guard isIdempotent else { return }
        }
    }

    @Test("a request for one server goes to no other, whatever happens")
    func oneServer() throws {
        let (started, target) = try Self.leased(isForOneServer: true)
        var exchange = started
        let attempt = exchange.connects(to: target)
        let action = exchange.connectFailed(attempt, "refused", isOwnFault: false, at: Self.now)
        guard case .end(.noConnection("refused"), let release?) = action else { Issue.record("\(action)"); return }
        #expect(release.outcome == .serverDied)
    }

    @Test("a third 503 that isn't llama-server's is the client's")
    func refused() throws {
        let (started, target) = try Self.leased()
        var exchange = started
        for _ in 0..<2 {
            #expect(exchange.mayBeRefusedAgain)
            exchange.sent(to: target)
            guard case .retry(_, after: .refused) = exchange.notExecuted(.unavailable(.other("no quota"))) else {
                Issue.record("not tried again")
                return
            }
        }
        #expect(!exchange.mayBeRefusedAgain)
    }

    @Test("a request that is to go on, and can't, gives back what it got since, and blames nobody")
    func noWay() throws {
        let (started, target) = try Self.leased()
        var exchange = started
        _ = exchange.connects(to: target)
        guard case .beforeSending(let release) = exchange.cannotBeSentAgain() else { throw Unexpected(what: "no slot") }
        #expect(release.outcome == .unsent && release.target.lease?.request == Self.request)
        guard case .nothing = exchange.cannotBeSentAgain() else { throw Unexpected(what: "given back twice") }
        var sent = started
        sent.sent(to: target)
        guard case .nothing = sent.cannotBeSentAgain(), case .awaitingResponse = sent.state else {
            throw Unexpected(what: "it was sent")
        }
    }

    /// Where a client's leaving finds its request.
    enum Stage: CaseIterable {
        case connecting, checked, awaiting, relaying
    }

    @Test("a client that leaves leaves its slot as busy as it may be", arguments: Stage.allCases, [false, true])
    func leaves(_ stage: Stage, goesOn: Bool) throws {
        let (started, target) = try Self.leased()
        var exchange = started
        switch stage {
        case .connecting: _ = exchange.connects(to: target)
        case .checked:
            exchange.sent(to: target)
            _ = exchange.brokeOff(.perhapsExecuted)
        case .awaiting: exchange.sent(to: target)
        case .relaying:
            exchange.sent(to: target)
            _ = exchange.responseBegins()
        }
        switch (stage, exchange.clientLeft(goesOn: goesOn)) {
        case (.connecting, .beforeSending(let release)): #expect(release.outcome == .clientLeft(runsOn: .no))
        case (.checked, .beforeSending(let release)): #expect(release.outcome == .clientLeft(runsOn: .untilItLooks))
        case (.awaiting, .fromUpstream), (.relaying, .fromUpstream): #expect(!goesOn)
        case (.awaiting, .fromGeneration), (.relaying, .fromGeneration): #expect(goesOn)
        case (_, let departure): Issue.record("\(departure)")
        }
        guard case .nothing = exchange.clientLeft(goesOn: goesOn) else {
            Issue.record("it left twice")
            return
        }
    }
}
