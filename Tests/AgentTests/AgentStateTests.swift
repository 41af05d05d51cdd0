import AgentProtocol
import Testing

@testable import Agent
@testable import AgentRules

@Suite("When an agent may leave")
struct AgentStateTests {
    @Test("never, unless it was told to stop")
    func notAsked() {
        var state = AgentState(links: 1)
        #expect(!state.mayLeave)
        state.serverChanged(Self.status())
        state.connected(0)
        state.drained(0)
        state.drain()
        // What was said before says nothing of what came later.
        #expect(!state.mayLeave)
    }

    @Test("at once when no balancer was ever connected")
    func nobody() {
        var state = AgentState(links: 2)
        state.serverChanged(Self.status())
        state.lost(0, at: .zero)
        state.unreachable(1)
        state.drain()
        #expect(state.mayLeave)
    }

    @Test("not while a balancer that is told of the server for the first time has not answered")
    func unanswered() {
        var state = AgentState(links: 2)
        state.serverChanged(Self.status())
        state.offered(0)
        state.offered(1)
        state.drain()
        #expect(!state.mayLeave)
        // It never took a report, so it has sent nothing.
        state.lost(0, at: .zero)
        #expect(!state.mayLeave)
        state.connected(1)
        #expect(!state.mayLeave)
        state.drained(1)
        #expect(state.mayLeave)
    }

    @Test("some time later also when who is told of the server is none, as it never answers")
    func settled() {
        var state = AgentState(links: 2)
        state.serverChanged(Self.status())
        state.offered(0)
        state.connected(1)
        state.drain()
        state.drained(1)
        #expect(!state.mayLeave)
        state.offersSettled()
        #expect(state.mayLeave)
        // Its first report says that nothing is to be sent.
        state.offered(0)
        #expect(state.mayLeave)
        state.leave()
        #expect(!state.isAlone)
        state.lost(1, at: .zero)
        #expect(state.isAlone)
    }

    @Test("a balancer that is just taking the first report is to have the last word, too")
    func takesTheFirst() {
        var state = AgentState(links: 2)
        state.offered(0)
        state.drain()
        state.leave()
        #expect(!state.isAlone)
        state.connected(0)
        #expect(!state.isAlone)
        state.lost(0, at: .zero)
        #expect(state.isAlone)
        var unanswered = AgentState(links: 1)
        unanswered.offered(0)
        unanswered.leave()
        unanswered.offersSettled()
        #expect(unanswered.isAlone)
    }

    @Test("when each balancer that was connected has said that nothing of its runs")
    func everybody() {
        var state = Self.draining(links: 3)
        state.unreachable(2)
        #expect(state.unfinished == 2)
        state.drained(0)
        state.drained(0)
        #expect(!state.mayLeave)
        state.drained(1)
        #expect(state.mayLeave)
        #expect(state.unfinished == 0)
    }

    @Test("a balancer whose connection broke is waited for, and one that isn't there any more is not")
    func broken() {
        var state = Self.draining(links: 1)
        state.lost(0, at: .zero)
        #expect(state.links[0].isConnected == false)
        #expect(!state.mayLeave)
        state.unreachable(0)
        #expect(state.mayLeave)
        // A new one, which has heard of the server before it heard that it is leaving.
        state.connected(0)
        #expect(!state.mayLeave)
        state.drained(0)
        #expect(state.mayLeave)
    }

    @Test("a balancer that has nothing left and comes back is not waited for again")
    func drainedAndBack() {
        var state = Self.draining(links: 1)
        state.drained(0)
        state.lost(0, at: .zero)
        state.connected(0)
        #expect(state.mayLeave)
    }

    @Test(
        "at once when the llama-server runs nothing, whoever has sent it something",
        arguments: [
            (.down("connection refused"), true), (.loading, true), (.unresponsive, false),
            (.stuck("no progress"), false),
            (.unauthorized, false),
            (.unexpected("?"), false),
        ] as [(Condition, Bool)]
    )
    func server(condition: Condition, mayLeave: Bool) {
        var state = Self.draining(links: 1)
        state.serverChanged(ServerStatus(condition: condition))
        #expect(state.mayLeave == mayLeave)
    }

    @Test("an older balancer has nothing left when all slots are idle, a second after it was told")
    func olderBalancer() {
        var state = Self.draining(links: 1)
        // Taken before it was told, or too soon after.
        state.serverChanged(Self.status(processing: 0, at: .seconds(9)))
        #expect(!state.mayLeave)
        state.told(0, at: .seconds(10))
        state.told(0, at: .seconds(20))
        state.serverChanged(Self.status(processing: 0, at: .milliseconds(10_999)))
        #expect(!state.mayLeave)
        state.serverChanged(Self.status(processing: 1, at: .seconds(11)))
        #expect(!state.mayLeave)
        state.serverChanged(Self.status(processing: 0, at: .seconds(12)))
        #expect(state.mayLeave)
    }

    @Test("a model may be unloaded when nothing of any balancer's runs, which is no leave to stop")
    func unloading() {
        var state = Self.connected(links: 2)
        state.unload()
        #expect(state.isDraining)
        state.drained(0)
        #expect(!state.mayUnload)
        state.drained(1)
        #expect(state.mayUnload)
        #expect(!state.mayLeave)
    }

    @Test(
        "after it was unloaded, or was kept, each balancer may send something again, and has to say anew that nothing runs"
    )
    func back() {
        var state = Self.connected(links: 3)
        state.unload()
        state.drained(0)
        state.drained(1)
        state.lost(1, at: .zero)
        state.told(2, at: .zero)
        state.stay()
        #expect(state.withdrawal == .none)
        #expect(state.links.map(\.work) == [.possible, .none, .possible])
        // Late, and of the time before.
        state.drained(0)
        state.unload()
        #expect(!state.mayUnload)
        state.drained(0)
        state.drained(2)
        #expect(state.mayUnload)
    }

    @Test("an agent that is told to stop while a model is unloaded stops, whatever becomes of the model")
    func stopWins() {
        var state = Self.connected(links: 1)
        state.unload()
        state.drain()
        #expect(!state.mayUnload)
        state.stay()
        #expect(state.withdrawal == .stopping)
        state.unload()
        #expect(state.withdrawal == .stopping)
        state.drained(0)
        #expect(state.mayLeave)
        var news = LinkNews()
        news.withdrawal.stop()
        news.withdrawal.stay()
        #expect(news.isDraining)
        news.withdrawal.leave()
        news.withdrawal.stop()
        #expect(news.isLeaving)
    }

    @Test("a balancer that has vanished is waited for until the slots are idle and it must have seen it, too")
    func vanished() {
        var state = Self.connected(links: 1)
        state.unload()
        state.lost(0, at: .seconds(10))
        state.serverChanged(Self.status(processing: 0, at: .seconds(60)))
        #expect(!state.mayUnload)
        state.serverChanged(Self.status(processing: 1, at: .seconds(101)))
        #expect(!state.mayUnload)
        state.serverChanged(Self.status(processing: 0, at: .seconds(102)))
        #expect(state.mayUnload)
        state.connected(0)
        #expect(!state.mayUnload)
    }

    private static func connected(links: Int) -> AgentState {
        var state = AgentState(links: links)
        state.serverChanged(status())
        for link in 0..<links { state.connected(link) }
        return state
    }

    private static func draining(links: Int) -> AgentState {
        var state = connected(links: links)
        state.drain()
        return state
    }

    private static func status(processing: Int = 1, at time: Duration = .zero) -> ServerStatus {
        let sample = ServerStatus.Sample(number: 1, total: 4, processing: processing, startedAt: time, finishedAt: time)
        return ServerStatus(condition: .ready, sample: sample)
    }
}
