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
                if fails(Schedule(seed: seed, steps: fewer)) {
                    steps = fewer
                } else {
                    start += size
                }
            }
            if size == 1, steps.count == before { return Schedule(seed: seed, steps: steps) }
            size = max(1, min(size / 2, steps.count / 2))
        }
    }
}

extension SimulationFailure {
    /// The same failure in a schedule as short as can be found.
    public func shrunk() -> SimulationFailure {
        let happened = Schedule(seed: schedule.seed, steps: schedule.steps.filter { $0 <= step })
        let shortest = happened.shrunk { Simulation.broken(by: $0) == invariant }
        do {
            _ = try Simulation.run(shortest, eventsKept: 200)
            return self
        } catch {
            return error
        }
    }
}
