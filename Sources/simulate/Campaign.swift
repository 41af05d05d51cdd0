import SchedulingSimulation
import Synchronization

/// Many schedules at once, on all cores.
final class Campaign: Sendable {
    enum Limit: Sendable {
        case seeds(UInt64)
        /// No schedule is begun later than this.
        case time(Duration)
    }

    private let scene: Scene
    private let firstSeed: UInt64
    private let limit: Limit
    private let steps: Int
    private let start = ContinuousClock.now
    /// Of those found so far, the one with the lowest seed.
    private let failure = Mutex<SimulationFailure?>(nil)

    /// More than there are cores, and few enough to see progress.
    private static let batchesAtOnce = 64
    private static let batchSize: UInt64 = 10

    init(_ scene: Scene, firstSeed: UInt64, limit: Limit, steps: Int) {
        self.scene = scene
        self.firstSeed = firstSeed
        self.limit = limit
        self.steps = steps
    }

    /// - Throws: of all schedules that fail the one with the lowest seed, so that it is the same on any machine.
    func run() async throws -> SimulationTally {
        var total = SimulationTally()
        await withTaskGroup(of: SimulationTally.self) { group in
            var next = firstSeed
            func addBatch() {
                guard let batch = batch(from: next) else { return }
                next = batch.upperBound
                group.addTask { [self] in run(batch) }
            }
            for _ in 0..<Self.batchesAtOnce { addBatch() }
            var lastProgress = start
            while let tally = await group.next() {
                total += tally
                addBatch()
                guard ContinuousClock.now - lastProgress >= .seconds(3) else { continue }
                lastProgress = .now
                print("\(scene.rawValue): \(total.schedules) schedules after \((.now - start).components.seconds) s")
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return total
    }

    private func batch(from next: UInt64) -> Range<UInt64>? {
        guard mayRun(next) else { return nil }
        var size = min(Self.batchSize, .max - next)
        if case .seeds(let count) = limit { size = min(size, firstSeed + count - next) }
        return size == 0 ? nil : next..<next + size
    }

    private func run(_ seeds: Range<UInt64>) -> SimulationTally {
        var total = SimulationTally()
        for seed in seeds where mayRun(seed) {
            do throws(SimulationFailure) {
                total += try Schedule(scene, seed: seed, length: steps).run()
            } catch {
                note(error)
            }
        }
        return total
    }

    private func mayRun(_ seed: UInt64) -> Bool {
        if case .time(let length) = limit, .now - start >= length { return false }
        return failure.withLock { $0.map { seed < $0.schedule.seed } ?? true }
    }

    private func note(_ new: SimulationFailure) {
        failure.withLock { known in
            guard new.schedule.seed < known?.schedule.seed ?? .max else { return }
            known = new
        }
    }
}
