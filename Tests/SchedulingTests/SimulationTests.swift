import SchedulingSimulation
import Testing

@Suite("Simulation")
struct SimulationTests {
    @Test("random schedules with faults break no invariant", arguments: 0..<20)
    func schedules(_ batch: UInt64) throws {
        for seed in batch * 10..<batch * 10 + 10 {
            let tally = try Simulation.run(seed: seed, steps: 1000)
            #expect(tally.steps == 1000)
        }
    }

    @Test("the same seed gives the same schedule")
    func deterministic() throws {
        let first = try Simulation.run(seed: 7, steps: 1000)
        let second = try Simulation.run(seed: 7, steps: 1000)
        #expect(first.description == second.description)
        #expect(first.description != (try Simulation.run(seed: 8, steps: 1000).description))
    }
}
