import ManagementClient
import Testing

@testable import TerminalDashboard

@Suite("Loading and unloading by keys")
struct LoadKeysTests {
    private func document() -> FleetDocument {
        var document = SampleFleet.document(agents: 1)
        document.agents[0].onDemand = FleetDocument.OnDemand()
        return document
    }

    private func state(_ document: FleetDocument, height: Int = 24) -> DashboardState {
        .showing(document, width: 80, height: height)
    }

    @Test("m loads at once, M asks before it unloads, in the details, too")
    func keys() {
        var state = state(document())
        let agent = document().agents[0].listed
        #expect(state.press(.character("m")) == [.change(.load, agent)])
        #expect(state.question == nil)
        #expect(state.press(.character("M")).isEmpty)
        #expect(state.text().last?.contains("Unload the model of gpu-1 (10.0.0.1:8088)? y/n") == true)
        #expect(state.press(.character("n")).isEmpty)
        #expect(state.press(.enter, .character("M"), .character("y")) == [.change(.unload, agent)])
    }

    @Test("models that nobody needs now are nothing that is wrong")
    func unloadedFleet() {
        var document = SampleFleet.document(agents: 3)
        document.fleet?.queued = 0
        func words() -> String { FleetSummary(document).health.words }
        document.agents[0].state = .unloaded
        #expect(words() == "healthy: 2 servers usable, 1 unloaded")
        document.agents[1].state = .notReady
        #expect(words() == "degraded: 1 of 3 servers usable")
        document.agents[1].state = .unloaded
        document.agents[2].state = .unloaded
        #expect(words() == "healthy: no model is loaded")
        document.fleet?.queued = 2
        #expect(words() == "2 waiting for models to be loaded")
        document.agents[2].state = .lost
        document.fleet?.registered = 2
        #expect(words() == "degraded: 0 of 3 servers usable, 1 lost")
    }

    @Test("what nobody loads and unloads isn't asked for, and it is said why")
    func notOnDemand() {
        var state = state(SampleFleet.document(agents: 1))
        #expect(state.press(.character("m"), .character("M"), .character("y")).isEmpty)
        #expect(state.question == nil)
        #expect(state.notice?.isError == true)
        #expect(state.text().last?.contains("isn't loaded and unloaded on demand") == true)
    }

    @Test("what came of it is in the status line")
    func outcome() {
        var state = state(document())
        _ = state.handle(.failed("the model is pinned"), at: .seconds(2))
        #expect(state.text().last?.contains("the model is pinned") == true)
    }

    @Test("the details say what is loaded, why not, and how the machine's GPUs are")
    func details() {
        var document = document()
        document.agents[0].onDemand?.memoryBytes = 6.2e9
        document.agents[0].onDemand?.loadedForSeconds = 130
        document.agents[0].onDemand?.isPinned = true
        document.agents[0].onDemand?.refusal = "no room"
        var gpu = FleetDocument.Accelerator(id: "GPU-1", host: "rack4", name: "RTX 3090")
        gpu.memoryUsedBytes = 12e9
        gpu.memoryTotalBytes = 24e9
        gpu.utilization = 0.83
        gpu.celsius = 64.4
        document.agents[0].accelerators = [
            gpu, FleetDocument.Accelerator(id: "GPU-2", host: "rack4", name: "T4\u{1B}[31m"),
        ]
        var state = state(document, height: 50)
        _ = state.press(.enter)
        let text = state.text().joined(separator: "\n")
        #expect(text.contains("on demand     6.2 GB, loaded for 2 min, pinned"))
        #expect(text.contains("no room"))
        #expect(text.contains("GPUs          ████████░░░░░░░░ 12 GB of 24 GB, 83% busy, 64 °C  RTX 3090"))
        #expect(text.contains("memory not known  T4"))
        #expect(!text.contains("\u{1B}"))
    }
}
