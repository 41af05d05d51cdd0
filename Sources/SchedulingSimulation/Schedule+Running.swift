/// A world in which a schedule takes place.
protocol Simulated {
    init(_ schedule: Schedule, trace: Trace)
    var trace: Trace { get }
    mutating func run() throws(Violation) -> SimulationTally
}

extension Schedule {
    /// Runs it; after its last step the faults stop, and everything has to come to its end.
    /// - Parameter eventsKept: how many of the last events are told of if something doesn't hold.
    /// - Throws: what didn't hold, with the last events.
    public func run(eventsKept: Int = 40) throws(SimulationFailure) -> SimulationTally {
        switch scene {
        case .scheduler: try run(in: Simulation.self, eventsKept: eventsKept)
        case .fleet: try run(in: FleetSimulation.self, eventsKept: eventsKept)
        case .shares: try run(in: ShareSimulation.self, eventsKept: eventsKept)
        case .exchanges: try run(in: ExchangeSimulation.self, eventsKept: eventsKept)
        case .placement: try run(in: PlacementSimulation.self, eventsKept: eventsKept)
        case .balancers: try run(in: BalancersSimulation.self, eventsKept: eventsKept)
        case .picks: try run(in: PickSimulation.self, eventsKept: eventsKept)
        }
    }

    /// The invariant that it breaks, nil if none.
    var brokenInvariant: Invariant? {
        switch scene {
        case .scheduler: brokenInvariant(in: Simulation.self)
        case .fleet: brokenInvariant(in: FleetSimulation.self)
        case .shares: brokenInvariant(in: ShareSimulation.self)
        case .exchanges: brokenInvariant(in: ExchangeSimulation.self)
        case .placement: brokenInvariant(in: PlacementSimulation.self)
        case .balancers: brokenInvariant(in: BalancersSimulation.self)
        case .picks: brokenInvariant(in: PickSimulation.self)
        }
    }

    private func run<World: Simulated>(
        in world: World.Type,
        eventsKept: Int
    ) throws(SimulationFailure) -> SimulationTally {
        var first = World(self, trace: Trace(length: 0))
        do {
            return try first.run()
        } catch {
            // Words cost more than the schedule itself, so they are made in a second run.
            var again = World(self, trace: Trace(length: eventsKept))
            var second: Violation?
            do { _ = try again.run() } catch { second = error }
            let isTheSame = second?.texts == error.texts
            throw SimulationFailure(
                schedule: self,
                step: first.trace.step,
                invariant: isTheSame ? error.invariant : .determinism,
                violations: isTheSame ? error.texts : error.texts + ["and not so in a second run"],
                events: again.trace.lastEvents
            )
        }
    }

    private func brokenInvariant<World: Simulated>(in world: World.Type) -> Invariant? {
        var simulation = World(self, trace: Trace(length: 0))
        do {
            _ = try simulation.run()
            return nil
        } catch {
            return error.invariant
        }
    }
}
