extension Schedule {
    /// A shortest one of those that are left when steps are taken out: no single step more can go.
    ///
    /// Halves are tried first, then quarters, and so on: the delta debugging of Zeller and Hildebrandt (2002).
    /// - Parameter fails: whether a schedule fails as this one does.
    func shrunk(while fails: (Schedule) -> Bool) -> Schedule {
        var steps = steps
        var size = max(1, steps.count / 2)
        while true {
            let before = steps.count
            var start = 0
            while start < steps.count {
                var fewer = steps
                fewer.removeSubrange(start..<min(start + size, steps.count))
                if fails(Schedule(scene, seed: seed, steps: fewer)) {
                    steps = fewer
                } else {
                    start += size
                }
            }
            if size == 1, steps.count == before { return Schedule(scene, seed: seed, steps: steps) }
            size = max(1, min(size / 2, steps.count / 2))
        }
    }
}

extension SimulationFailure {
    /// The same failure in a schedule as short as can be found.
    public func shrunk() -> SimulationFailure {
        let steps = schedule.steps.filter { $0 <= step }
        let happened = Schedule(schedule.scene, seed: schedule.seed, steps: steps)
        let shortest = happened.shrunk { $0.brokenInvariant == invariant }
        do {
            _ = try shortest.run(eventsKept: 5000)
            return self
        } catch {
            return error
        }
    }
}
