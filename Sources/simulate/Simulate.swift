import ArgumentParser
import SchedulingSimulation

@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the scheduler through random schedules and checks after every step that its invariants hold.",
        discussion: """
            A schedule that failed is run again, the same to the last step, by its seed. It is shown as short as it gets \
            when steps are left out and the same invariant is still broken.
            """
    )

    @Option(help: "How many schedules; without this and --seconds 10000.")
    var seeds: UInt64?

    @Option(help: "Instead: begin new schedules for so long.")
    var seconds: Int?

    @Option(help: "The seed of the first; each further one has the next number.")
    var firstSeed: UInt64 = 1

    @Option(help: "Random events in each, before the faults stop and everything has to end.")
    var steps = 1000

    @Option(help: "Of the first seed's steps only these: 3,17,204, or 'none'.")
    var only: StepList?

    @Flag(inversion: .prefixedNo, help: "Look for a shorter schedule that fails likewise.")
    var shrink = true

    func validate() throws {
        guard steps >= 0 else { throw ValidationError("--steps can't be negative") }
        guard seconds ?? 0 >= 0 else { throw ValidationError("--seconds can't be negative") }
        guard seeds == nil || seconds == nil else { throw ValidationError("either --seeds or --seconds") }
        guard !firstSeed.addingReportingOverflow(seeds ?? 0).overflow else {
            throw ValidationError("--first-seed and --seeds together are beyond \(UInt64.max)")
        }
    }

    func run() async throws {
        do {
            print("\(try await runAll()), no invariant broken")
        } catch let failure as SimulationFailure {
            report(failure)
            throw ExitCode.failure
        }
    }

    private func runAll() async throws -> SimulationTally {
        if let only { return try Simulation.run(Schedule(seed: firstSeed, steps: only.steps)) }
        let limit: Campaign.Limit =
            if let seconds { .time(.seconds(seconds)) } else { .seeds(seeds ?? 10_000) }
        return try await Campaign(firstSeed: firstSeed, limit: limit, steps: steps).run()
    }

    private func report(_ failure: SimulationFailure) {
        let seed = failure.schedule.seed
        if only == nil {
            print("to see it again: Scripts/simulate --seeds 1 --first-seed \(seed) --steps \(steps)")
        }
        guard shrink else { return print(failure) }
        let shortest = failure.shrunk()
        let list = StepList(steps: shortest.schedule.steps)
        print("to see \(list.steps.count) of its steps: Scripts/simulate --first-seed \(seed) --only \(list)")
        print(shortest)
    }
}
