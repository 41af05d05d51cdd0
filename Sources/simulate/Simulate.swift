import ArgumentParser
import SchedulingSimulation

@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the scheduler through random schedules and checks after every step that its invariants hold.",
        discussion: "A schedule that failed is run again, the same to the last step, by its seed."
    )

    @Option(help: "How many schedules.")
    var seeds: UInt64 = 10_000

    @Option(help: "The seed of the first; each further one has the next number.")
    var firstSeed: UInt64 = 1

    @Option(help: "Random events in each, before the faults stop and everything has to end.")
    var steps = 1000

    /// More than there are cores, and few enough to see progress.
    private static let batchesAtOnce: UInt64 = 64
    private static let batchSize: UInt64 = 50

    func validate() throws {
        guard steps >= 0 else { throw ValidationError("--steps can't be negative") }
        guard !firstSeed.addingReportingOverflow(seeds).overflow else {
            throw ValidationError("--first-seed and --seeds together are beyond \(UInt64.max)")
        }
    }

    func run() async throws {
        do {
            print("\(try await runAll()), no invariant broken")
        } catch let failure as SimulationFailure {
            print(failure)
            print("to see it again: Scripts/simulate --seeds 1 --first-seed \(failure.seed) --steps \(steps)")
            throw ExitCode.failure
        }
    }

    private func runAll() async throws -> SimulationTally {
        let end = firstSeed + seeds
        let start = ContinuousClock.now
        var total = SimulationTally()
        var lastProgress = start
        try await withThrowingTaskGroup(of: SimulationTally.self) { group in
            var next = firstSeed
            func addBatch() {
                let batch = next..<next + min(Self.batchSize, end - next)
                next = batch.upperBound
                group.addTask { try Self.run(batch, steps: steps) }
            }
            while next < end, next - firstSeed < Self.batchesAtOnce * Self.batchSize { addBatch() }
            while let tally = try await group.next() {
                total += tally
                if next < end { addBatch() }
                guard ContinuousClock.now - lastProgress >= .seconds(3) else { continue }
                lastProgress = .now
                print("\(total.schedules) of \(seeds) schedules after \((.now - start).components.seconds) s")
            }
        }
        return total
    }

    private static func run(_ seeds: Range<UInt64>, steps: Int) throws -> SimulationTally {
        var total = SimulationTally()
        for seed in seeds { total += try Simulation.run(seed: seed, steps: steps) }
        return total
    }
}
