import LlamaServer
import Scheduling
import Testing

@Suite("Accelerators of a fleet")
struct AcceleratorTests {
    private var scheduler = Scheduler(configuration: .init())
    private var now = Instant(nanoseconds: 1_000_000_000_000)

    private mutating func report(_ agent: String, _ accelerators: [Accelerator]) {
        _ = scheduler.reported(
            UpstreamReport(
                agent: AgentID(rawValue: agent),
                route: UpstreamRoute(address: NetworkAddress(host: agent, port: 1)),
                condition: .ready,
                accelerators: accelerators,
                maximumSilence: .seconds(1000)
            ),
            at: now
        )
    }

    private func gpu(_ id: String, on host: String, celsius: Double? = nil) -> Accelerator {
        Accelerator(id: id, host: host, name: "T4", celsius: celsius)
    }

    @Test("are there once, however many agents report them, by host and as the last one said")
    mutating func once() {
        report("z", [gpu("b", on: "h1", celsius: 30), gpu("c", on: "h1")])
        report("y", [gpu("a", on: "h2")])
        now = now + .seconds(1)
        report("x", [gpu("b", on: "h1", celsius: 40)])
        let snapshot = scheduler.snapshot(at: now)
        #expect(snapshot.accelerators.map(\.id) == ["b", "c", "a"])
        #expect(snapshot.accelerators.first?.celsius == 40)
    }

    @Test("go with the last agent that reported them")
    mutating func gone() {
        report("z", [gpu("b", on: "h1")])
        report("z", [])
        #expect(scheduler.snapshot(at: now).accelerators.isEmpty)
        report("z", [gpu("b", on: "h1")])
        _ = scheduler.agentLeft(AgentID(rawValue: "z"), .connectionEnded, at: now)
        #expect(scheduler.snapshot(at: now).accelerators.isEmpty)
    }
}
