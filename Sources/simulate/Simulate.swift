import ArgumentParser
import SchedulingSimulation

@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the core through random schedules and checks after every step that its invariants hold.",
        discussion: """
            A schedule that failed is run again, the same to the last step, by its seed. It is shown as short as it gets \
            when steps are left out and the same invariant is still broken.
            """
    )

    @Option(
        help:
            "scheduler: it alone, with reports that lie; fleet: with agents and a network; shares: tenants who want more than there is; exchanges: requests and responses, byte by byte; placement: models that are loaded on demand; balancers: several over the same servers; picks: Envoys that ask where requests go (default: all)"
    )
    var scene: Scene?

    @Option(
        help:
            "How many schedules of the scheduler and of exchanges, half of that of picks, a fifth of that of placement, a tenth of shares and of balancers, and a twentieth of a fleet (default: 10000)"
    )
    var seeds: UInt64?

    @Option(help: "Instead: begin new schedules for so long, each scene for its share.")
    var seconds: Int?

    @Option(help: "The seed of the first; each further one has the next number.")
    var firstSeed: UInt64 = 1

    @Option(help: "Random events in each, before the faults stop and everything ends (default: 1000, in a fleet 300)")
    var steps: Int?

    @Option(help: "Of the first seed's steps only these: 3,17,204, or 'none'.")
    var only: StepList?

    @Flag(inversion: .prefixedNo, help: "Look for a shorter schedule that fails likewise.")
    var shrink = true

    func validate() throws {
        guard steps ?? 0 >= 0 else { throw ValidationError("--steps can't be negative") }
        guard seconds ?? 0 >= 0 else { throw ValidationError("--seconds can't be negative") }
        guard seeds == nil || seconds == nil else { throw ValidationError("either --seeds or --seconds") }
        guard !firstSeed.addingReportingOverflow(seeds ?? 0).overflow else {
            throw ValidationError("--first-seed and --seeds together are beyond \(UInt64.max)")
        }
    }

    func run() async throws {
        do {
            if let only {
                let schedule = Schedule(scene ?? .scheduler, seed: firstSeed, steps: only.steps)
                return print("\(try schedule.run()), no invariant broken")
            }
            let scenes = scene.map { [$0] } ?? Scene.allCases
            for scene in scenes {
                let tally = try await campaign(scene, of: scenes.count).run()
                print("\(scene.rawValue): \(tally), no invariant broken")
            }
        } catch let failure as SimulationFailure {
            report(failure)
            throw ExitCode.failure
        }
    }

    private func campaign(_ scene: Scene, of scenes: Int) -> Campaign {
        let limit: Campaign.Limit =
            if let seconds {
                .time(.seconds(seconds) / scenes)
            } else {
                .seeds(scenes == 1 ? seeds ?? 10_000 : scene.share(of: seeds ?? 10_000))
            }
        return Campaign(scene, firstSeed: firstSeed, limit: limit, steps: steps ?? scene.steps)
    }

    private func report(_ failure: SimulationFailure) {
        let seed = failure.schedule.seed
        let scene = failure.schedule.scene
        let command = "Scripts/simulate --scene \(scene.rawValue) --first-seed \(seed)"
        if only == nil {
            print("to see it again: \(command) --seeds 1 --steps \(steps ?? scene.steps)")
        }
        guard shrink else { return print(failure) }
        let shortest = failure.shrunk()
        let list = StepList(steps: shortest.schedule.steps)
        print("to see \(list.steps.count) of its steps: \(command) --only \(list)")
        print(shortest)
    }
}
