import ManagementClient

@testable import TerminalDashboard

/// A fleet to look at.
enum SampleFleet {
    /// When it is, in seconds since 1970.
    static let time = 1_764_000_000.0

    static func document(agents count: Int, sample number: Int = 4711) -> FleetDocument {
        let agents = (0..<count).map(agent)
        var fleet = FleetDocument.Totals()
        fleet.version = "1.2.3"
        fleet.time = time
        fleet.uptimeSeconds = 11_520
        fleet.registered = count
        fleet.queued = count == 0 ? 0 : 12
        fleet.queueMaximum = 1024
        fleet.oldestWaitMilliseconds = count == 0 ? nil : 3400
        fleet.sample = sample_(number, count)
        return FleetDocument(agents: agents, fleet: fleet)
    }

    static func history(agents count: Int, to number: Int = 4711) -> HistoryDocument {
        HistoryDocument(samples: (number - 899...number).map { sample_($0, count) })
    }

    private static func sample_(_ number: Int, _ agents: Int) -> HistorySample {
        var sample = HistorySample(number: number)
        sample.slotsTotal = Double(agents * 4)
        sample.slotsBusy = Double(number / 10 % (agents * 4 + 1))
        sample.queued = Double(number / 20 % 13)
        sample.requests = Double(number % 7)
        sample.rejected = 0
        sample.tokensGenerated = Double(number % 500)
        sample.tokensPrompt = Double(number % 800)
        sample.firstTokenMedianMilliseconds = agents == 0 ? nil : 120
        sample.firstToken95Milliseconds = agents == 0 ? nil : Double(300 + number % 200)
        return sample
    }

    static let events = EventsDocument(
        events: [
            .init(
                time: time - 5,
                kind: "lost",
                text: "gpu-13 (10.0.0.13:8088) is lost: its connection ended without a goodbye"
            ),
            .init(time: time - 900, kind: "joined", text: "gpu-1 (10.0.0.1:8088) joined the fleet, ready"),
            .init(time: nil, kind: "", text: "from the future \u{1B}[31m"),
        ]
    )

    static let requests: RequestsDocument = {
        var waits = RequestsDocument.Request(outcome: "running")
        waits.time = time - 3
        waits.reason = "queued"
        waits.waitedSeconds = 3
        waits.totalSeconds = 3
        waits.model = "qwen3-8b"
        waits.tenant = "team-a"
        waits.client = "192.0.2.1"
        var answered = RequestsDocument.Request(outcome: "answered")
        answered.time = time - 75
        answered.status = 200
        answered.server = "gpu-1"
        answered.waitedSeconds = 0
        answered.firstTokenSeconds = 0.112
        answered.totalSeconds = 2.7
        answered.tokensPrompt = 12_345
        answered.tokensGenerated = 210
        answered.model = "qwen3-8b"
        answered.tenant = "team-b\u{1B}[31m"
        answered.path = "/v1/chat/completions"
        var cut = RequestsDocument.Request(outcome: "cut")
        cut.status = 200
        cut.reason = "broken_off"
        cut.server = names[1]
        return RequestsDocument(runningTotal: 1, requests: [waits, answered, cut])
    }()

    private static let names = ["gpu-1", "日本語サーバー🚀東京データセンター", "the-server-in-rack-42-row-7-of-the-big-hall\u{1B}[31m"]

    private static func agent(_ index: Int) -> FleetDocument.Agent {
        var agent = FleetDocument.Agent(address: "10.0.0.\(index + 1):8088")
        agent.id = "id-\(index)"
        agent.name = index < names.count ? names[index] : "gpu-\(index + 1)"
        agent.condition = "ready"
        agent.slots = .init(total: 4, leased: index % 4, foreign: index % 5 == 1 ? 1 : 0)
        agent.models = ["qwen3-8b-instruct-q4_k_m"]
        agent.contextSize = 8192
        agent.build = "b9999"
        agent.lastUpdate = time - Double(index % 9)
        agent.tokensPerSecond = Double(index) * 10.3
        agent.cacheHitRatio = index == 0 ? nil : 0.87
        agent.requestsAnswered = 1234
        return agent
    }

    /// As ``document(agents:sample:)``, of as many models.
    static func document(models count: Int) -> FleetDocument {
        var document = document(agents: 3)
        document.fleet?.models = (0..<count).map { index in
            var model = FleetDocument.Model(name: index == 2 ? nil : "model-\(index)")
            model.usable = index == 1 ? 0 : index + 1
            model.slotsTotal = 4 * model.usable
            model.slotsProcessing = min(index % 5, model.slotsTotal)
            model.queued = index == 1 || index == count - 1 ? 7 : 0
            model.oldestWaitMilliseconds = model.queued > 0 ? 3400 : nil
            return model
        }
        return document
    }

    static func inEveryState() -> FleetDocument {
        var document = document(agents: 15)
        let conditions = ["loading", "down", "unresponsive", "unauthorized", "slots_disabled", "unexpected"]
        for (index, condition) in conditions.enumerated() {
            document.agents[index + 2].state = .notReady
            document.agents[index + 2].condition = condition
        }
        document.agents[3].error = "connect to 127.0.0.1:8088: connection refused"
        document.agents[3].hint = "start llama-server, or correct the agent's --local-llamacpp-addr"
        document.agents[5].isAuthorized = false
        document.agents[8].state = .left
        document.agents[8].id = ""
        document.agents[9].state = .silent
        document.agents[10].state = .ejected
        document.agents[10].quarantinedUntil = time + 12
        document.agents[11].state = .draining
        document.agents[11].isDraining = true
        document.agents[12].state = .lost
        document.agents[12].id = ""
        document.agents[12].slots = .init()
        document.agents[12].loss = .init(since: time - 300, reason: "its connection ended without a goodbye")
        document.agents[12].hint = "see whether the machine and its agent run"
        document.agents[13].claimant = "gpu-x (9f0c)"
        document.agents[14].state = .notReady
        document.agents[14].condition = "stuck"
        document.agents[0].isSleeping = true
        document.fleet?.registered = 14
        document.fleet?.lost = 1
        return document
    }
}

extension DashboardState {
    /// With a fleet and its history on the screen.
    static func showing(_ document: FleetDocument, width: Int, height: Int) -> DashboardState {
        var state = DashboardState(balancer: "10.0.0.1:8085", size: TerminalSize(width: width, height: height))
        _ = state.handle(.snapshot(document, wallTime: SampleFleet.time), at: .seconds(1))
        _ = state.handle(.history(SampleFleet.history(agents: document.agents.count)), at: .seconds(1))
        return state
    }

    mutating func press(_ keys: Key...) -> [DashboardDecision] {
        keys.flatMap { handle(.key($0), at: now) }
    }

    func text(_ glyphs: Glyphs = .unicode) -> [String] { DashboardScreen.lines(self, glyphs: glyphs).map(\.text) }
}
