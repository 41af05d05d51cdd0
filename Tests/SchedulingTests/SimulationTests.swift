import SchedulingSimulation
import Testing

@Suite("Simulation")
struct SimulationTests {
    @Test("random schedules with faults break no invariant", arguments: 0..<20)
    func schedules(_ batch: UInt64) throws {
        for seed in batch * 10..<batch * 10 + 10 {
            let tally = try Simulation.run(Schedule(seed: seed, length: 1000))
            #expect(tally.steps == 1000)
        }
    }

    @Test("the same schedule comes to the same end")
    func deterministic() throws {
        let first = try Simulation.run(Schedule(seed: 7, length: 1000))
        let second = try Simulation.run(Schedule(seed: 7, length: 1000))
        #expect(first.description == second.description)
        #expect(first.description != (try Simulation.run(Schedule(seed: 8, length: 1000)).description))
    }
}
