import Scheduling

// What lies between agents and the balancer.

extension FleetSimulation {
    /// The network neither loses nor reorders anything within a connection: it is late, or silent for good.
    mutating func deliver(_ event: FleetEvent, on number: Int) {
        let delay = some(profile.delay)
        let arrival = max(now + delay, connections[number].stalledUntil)
        switch event {
        case .bytesToAgent, .endsForAgent:
            connections[number].lastArrivalAtAgent = max(arrival, connections[number].lastArrivalAtAgent)
            events.add(event, at: connections[number].lastArrivalAtAgent)
        default:
            connections[number].lastArrivalAtBalancer = max(arrival, connections[number].lastArrivalAtBalancer)
            events.add(event, at: connections[number].lastArrivalAtBalancer)
        }
    }

    mutating func endForBalancer(_ number: Int) {
        deliver(.endsForBalancer(number), on: number)
    }

    /// Both ends are told, each in its time.
    mutating func cut(_ number: Int) {
        trace.note("connection \(number) is cut")
        disturbed(agents[connections[number].agent].server)
        deliver(.endsForAgent(number), on: number)
        deliver(.endsForBalancer(number), on: number)
    }

    mutating func halfOpen(_ number: Int) {
        trace.note("nothing arrives any more on connection \(number)")
        connections[number].isHalfOpen = true
        disturbed(agents[connections[number].agent].server)
    }

    mutating func stall(_ number: Int, for time: Duration) {
        trace.note("connection \(number) stalls for \(time)")
        connections[number].stalledUntil = max(connections[number].stalledUntil, now + time)
        disturbed(agents[connections[number].agent].server, until: connections[number].stalledUntil)
    }
}
