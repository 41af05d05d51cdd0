import ManagementClient
import Testing

@testable import TerminalDashboard

struct DashboardStateTests {
    @Test("Esc closes the details first and leaves then; q and Ctrl-C leave from anywhere")
    func leaving() {
        var state = DashboardState.showing(SampleFleet.document(agents: 3), width: 80, height: 24)
        #expect(state.press(.enter, .escape).isEmpty)
        #expect(state.press(.escape) == [.quit])
        #expect(state.press(.enter, .character("q")) == [.quit])
        #expect(state.press(.control("c")) == [.quit])
    }

    @Test("the selection stays with its server, whatever the order, and passes to a neighbour when that goes")
    func selection() {
        var state = DashboardState.showing(SampleFleet.document(agents: 200), width: 80, height: 24)
        #expect(state.press(.character("G"), .character("k")).isEmpty)
        let selected = state.selected
        _ = state.press(.character("s"), .character("r"))
        #expect(state.selected == selected)
        let index = state.agents.firstIndex { $0.address == selected } ?? -1
        #expect((state.firstShown..<state.firstShown + ScreenLayout(state).tableRows).contains(index))
        var fewer = SampleFleet.document(agents: 200)
        fewer.agents.removeAll { $0.address == selected }
        _ = state.handle(.snapshot(fewer, wallTime: 0), at: .seconds(2))
        #expect(state.agents[index].address == state.selected)
        _ = state.handle(.snapshot(FleetDocument(agents: []), wallTime: 0), at: .seconds(3))
        #expect(state.selected == nil)
    }

    @Test("what needs somebody comes first, then what is on purpose; the rest by name")
    func problemsFirst() {
        var document = SampleFleet.document(agents: 12)
        document.agents[11].state = .draining
        document.agents[5].state = .ejected
        document.agents[9].claimant = "x"
        let state = DashboardState.showing(document, width: 80, height: 24)
        #expect(state.agents.prefix(4).compactMap(\.name) == ["gpu-6", "gpu-10", "gpu-12", "gpu-1"])
    }

    @Test("a filter is typed, kept by Enter, and gone with Esc before that leaves")
    func filter() {
        var state = DashboardState.showing(SampleFleet.inEveryState(), width: 80, height: 24)
        let all = state.agents.count
        #expect(state.press(.character("/"), .character("Q"), .character("d"), .backspace).isEmpty)
        #expect(state.agents.count == all, "all have a model with a q, and d was no drain")
        #expect(state.press(.control("u"), .character("s"), .character("t"), .character("u")).isEmpty)
        #expect(state.agents.map(\.condition) == ["stuck"])
        #expect(state.text().last?.contains("/stu") == true)
        #expect(state.press(.enter, .character("d"), .character("n")).isEmpty)
        #expect(state.agents.count == 1 && state.selected == state.agents[0].address)
        #expect(state.press(.escape).isEmpty)
        #expect(state.agents.count == all)
        #expect(state.press(.escape) == [.quit])
    }

    @Test(
        "lists are asked for while they are looked at, and not all the time",
        arguments: [(Character("e"), DashboardDecision.loadEvents), (Character("w"), .loadRequests)]
    )
    func listings(key: Character, wish: DashboardDecision) {
        var state = DashboardState.showing(SampleFleet.document(agents: 1), width: 80, height: 24)
        #expect(state.handle(.tick, at: .seconds(5)).isEmpty)
        #expect(state.press(.character(key)) == [wish])
        #expect(state.handle(.tick, at: .seconds(6)).isEmpty)
        #expect(state.handle(.tick, at: .seconds(9)) == [wish])
        #expect(state.press(.character(key)).isEmpty)
        #expect(state.handle(.tick, at: .seconds(20)).isEmpty)
    }

    @Test("a log is followed while it is looked at, and stays at its end unless somebody scrolls")
    func log() {
        var document = SampleFleet.document(agents: 2)
        document.agents[0].tellsLog = true
        var state = DashboardState.showing(document, width: 80, height: 24)
        let agent = document.agents[0].listed
        #expect(state.press(.character("l")) == [.followLog(agent)])
        _ = state.handle(.log((1...100).map { "line \($0)." }, agent.address), at: .seconds(2))
        #expect(state.text().contains { $0.contains("line 100.") })
        _ = state.handle(.log(["line 101."], agent.address), at: .seconds(2))
        #expect(state.text().contains { $0.contains("line 101.") })
        #expect(state.press(.character("g")).isEmpty)
        _ = state.handle(.log(["… 3 lines left out"], agent.address), at: .seconds(2))
        #expect(state.text().contains { $0.contains("line 1.") })
        #expect(state.press(.character("G")).isEmpty)
        // Of a log that was left.
        _ = state.handle(.log(["another"], "10.0.0.99:1"), at: .seconds(2))
        _ = state.handle(.logEnded("its agent is gone", agent.address), at: .seconds(2))
        #expect(
            state.text().contains { $0.contains("left out") } && state.text().contains { $0.contains("agent is gone") }
        )
        #expect(!state.text().contains { $0.contains("another") })
        #expect(state.press(.escape) == [.leaveLog])
        #expect(state.pane == .table)
        #expect(state.press(.down, .character("l")).isEmpty)
        #expect(state.notice?.isError == true)
    }

    @Test("draining asks first; only y is yes")
    func draining() {
        var state = DashboardState.showing(SampleFleet.document(agents: 1), width: 80, height: 24)
        #expect(state.press(.character("d"), .character("q")).isEmpty)
        #expect(state.question == nil)
        let agent = SampleFleet.document(agents: 1).agents[0].listed
        #expect(state.press(.character("d"), .character("y")) == [.change(.drain, agent)])
        #expect(state.press(.character("u"), .character("y")) == [.change(.undrain, agent)])
    }

    @Test("the history is loaded at the start, after a gap, after a restart, and once at a time")
    func history() {
        var state = DashboardState(balancer: "b", size: TerminalSize(width: 80, height: 24))
        func see(_ number: Int) -> [DashboardDecision] {
            state.handle(.snapshot(SampleFleet.document(agents: 1, sample: number), wallTime: 0), at: .seconds(1))
        }
        #expect(see(10) == [.loadHistory])
        #expect(see(11) == [])
        _ = state.handle(.history(SampleFleet.history(agents: 1, to: 911)), at: .seconds(1))
        #expect(see(912) == [])
        #expect(state.history.samples.count == 900)
        #expect(see(914) == [.loadHistory])
        _ = state.handle(.history(SampleFleet.history(agents: 1, to: 914)), at: .seconds(1))
        #expect(see(3) == [.loadHistory])
        _ = state.handle(.history(nil), at: .seconds(1))
        #expect(see(9) == [])
        _ = state.handle(.lost(reason: "", retryIn: .zero), at: .seconds(1))
        #expect(see(20) == [.loadHistory])
    }

    @Test("names are in the order in which people count")
    func naturalOrder() {
        let names = ["gpu-10", "GPU-2", "gpu-02b", "a", "gpu"]
        #expect(names.sorted(by: NaturalOrder.isBefore) == ["a", "gpu", "GPU-2", "gpu-02b", "gpu-10"])
    }
}

/// Fleets of which a snapshot doesn't have all servers.
struct LargeFleetStateTests {
    private func document() -> FleetDocument {
        var document = SampleFleet.document(agents: 3)
        document.omitted = 9997
        document.fleet?.registered = 10_000
        document.fleet?.usable = 10_000
        return document
    }

    private func other(_ number: Int) -> FleetDocument.Agent {
        var agent = FleetDocument.Agent(address: "10.0.9.\(number):8088")
        agent.id = "other-\(number)"
        agent.name = "far-\(number)"
        agent.condition = "ready"
        return agent
    }

    @Test("it is said how many aren't listed, and how they are found")
    func told() {
        let state = DashboardState.showing(document(), width: 120, height: 24)
        #expect(state.text().contains { $0.contains("3 of 10000 servers, / finds others") })
    }

    @Test("a filter that is kept has the balancer search, again and again, and shows what it finds beside the rest")
    func search() {
        var state = DashboardState.showing(document(), width: 120, height: 24)
        #expect(state.press(.character("/"), .character("F"), .character("a"), .character("r")).isEmpty)
        #expect(state.press(.enter) == [.search("far")])
        #expect(state.agents.isEmpty)
        var found = FleetDocument(agents: [other(1), other(2)])
        found.omitted = 5
        #expect(state.handle(.found(found, words: "far"), at: .seconds(2)).isEmpty)
        #expect(state.agents.map(\.name) == ["far-1", "far-2"])
        #expect(state.selectedAgent?.name == "far-1")
        #expect(state.handle(.tick, at: .seconds(4)).isEmpty)
        #expect(state.handle(.tick, at: .seconds(7)) == [.search("far")])
        #expect(state.handle(.found(FleetDocument(agents: []), words: "near"), at: .seconds(8)).isEmpty)
        #expect(state.agents.count == 2, "an answer to an older question is none to this one")
        #expect(state.press(.escape).isEmpty)
        #expect(state.agents.count == 3)
        #expect(state.handle(.tick, at: .seconds(20)).isEmpty)
    }

    @Test("of a fleet that is listed as a whole nothing is searched")
    func small() {
        var state = DashboardState.showing(SampleFleet.document(agents: 3), width: 120, height: 24)
        #expect(state.press(.character("/"), .character("g"), .enter).isEmpty)
        #expect(state.handle(.tick, at: .seconds(20)).isEmpty)
    }
}
