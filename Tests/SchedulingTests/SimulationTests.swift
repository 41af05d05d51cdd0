import SchedulingSimulation
import Testing

@Suite("Simulation")
struct SimulationTests {
    @Test("random schedules with faults break no invariant", arguments: 0..<20)
    func schedules(_ batch: UInt64) throws {
        for seed in batch * 10..<batch * 10 + 10 {
            let tally = try Schedule(.scheduler, seed: seed, length: 1000).run()
            #expect(tally.steps == 1000)
        }
    }

    @Test("random fleets with faults break no invariant", arguments: 0..<10)
    func fleets(_ batch: UInt64) throws {
        for seed in batch * 4..<batch * 4 + 4 {
            let tally = try Schedule(.fleet, seed: seed, length: 300).run()
            #expect(tally.steps == 300)
        }
    }

    @Test("random exchanges with faults break no invariant", arguments: 0..<10)
    func exchanges(_ batch: UInt64) throws {
        for seed in batch * 20..<batch * 20 + 20 {
            let tally = try Schedule(.exchanges, seed: seed, length: 1000).run()
            #expect(tally.steps == 1000)
        }
    }

    @Test("models that are loaded on demand, with faults, break no invariant", arguments: 0..<10)
    func placement(_ batch: UInt64) throws {
        for seed in batch * 4..<batch * 4 + 4 {
            let tally = try Schedule(.placement, seed: seed, length: 100).run()
            #expect(tally.steps == 100 && tally.dispatched > 0)
        }
    }

    @Test("several balancers over the same servers, with faults, break no invariant", arguments: 0..<10)
    func balancers(_ batch: UInt64) throws {
        for seed in batch * 2..<batch * 2 + 2 {
            let tally = try Schedule(.balancers, seed: seed, length: 200).run()
            #expect(tally.steps == 200 && tally.dispatched > 0)
        }
    }

    @Test("Envoys that ask where their requests go, with faults, break no invariant", arguments: 0..<10)
    func picks(_ batch: UInt64) throws {
        for seed in batch * 5..<batch * 5 + 5 {
            let tally = try Schedule(.picks, seed: seed, length: 1000).run()
            #expect(tally.steps == 1000)
        }
    }

    @Test("the same schedule comes to the same end")
    func deterministic() throws {
        let first = try Schedule(.scheduler, seed: 7, length: 1000).run()
        let second = try Schedule(.scheduler, seed: 7, length: 1000).run()
        #expect(first.description == second.description)
        #expect(first.description != (try Schedule(.scheduler, seed: 8, length: 1000).run().description))
    }
}
