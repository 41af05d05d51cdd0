import Scheduling
import SeededRandom

/// Two to four balancers over the same servers, with everything that goes wrong between them and the agents.
struct BalancersSimulation: Simulated {
    private let schedule: Schedule
    var world: BalancerWorld

    var trace: Trace { world.trace }

    init(_ schedule: Schedule, trace: Trace) {
        self.schedule = schedule
        var random = schedule.random(of: Schedule.beginning)
        let profile = BalancerProfile(&random)
        world = BalancerWorld(profile, random, trace: trace)
    }

    mutating func run() throws(Violation) -> SimulationTally {
        for step in schedule.steps {
            world.trace.step = step
            world.random = schedule.random(of: step)
            try pass(world.some(world.profile.pause * 2))
            try happen()
            try world.checkBooks()
        }
        world.random = schedule.random(of: Schedule.end)
        try finish()
        for balancer in world.balancers.indices { world.count(balancer) }
        var tally = SimulationTally(steps: schedule.steps.count, SchedulerCounters())
        tally += world.tally
        return tally
    }

    private mutating func pass(_ time: Duration) throws(Violation) {
        let end = world.now + time
        while try world.next(until: end) { try world.checkQuiet() }
    }

    private mutating func happen() throws(Violation) {
        let some = world.random.below(100)
        let balancer = world.random.below(world.balancers.count)
        let server = world.random.below(world.servers.count)
        switch some {
        case ..<50:
            for _ in 0...world.random.below(4) { world.submit(to: balancer, work: world.some(world.profile.work)) }
        case ..<62:
            if let number = world.requests.keys.sorted().randomElement(using: &world.random) { world.leave(number) }
        case ..<70:
            if world.profile.hasStrangers { world.takeSlot(of: server) }
        case ..<78:
            if world.profile.hasFaults { world.cut(server, from: balancer) }
        case ..<86:
            if world.profile.hasFaults { world.stall(server, and: balancer) }
        case ..<89:
            if world.profile.hasFaults, world.balancers[balancer].isAlive { world.kill(balancer) }
        case ..<92:
            if world.profile.hasFaults { world.restartAgent(of: server) }
        default:
            try pass(world.some(.seconds(8)))
        }
    }

    /// Faults stop: everything ends, and is known by all who are to know it.
    private mutating func finish() throws(Violation) {
        let start = world.now
        while !world.requests.isEmpty, world.now < start + .seconds(3600) {
            try pass(.seconds(10))
            try world.checkBooks()
        }
        guard world.requests.isEmpty else {
            throw Violation(.everythingEnds, "\(world.requests.count) requests don't end")
        }
        // Slots that cool, and looks at what strangers had, take their time.
        try pass(.seconds(90))
        let end = world.now + .seconds(60)
        // Heartbeats and looks go on.
        while !world.isQuiet, world.now < end { try pass(.milliseconds(1)) }
        guard world.isQuiet else { throw Violation(.everythingEnds, "messages are still on their way") }
        for (number, balancer) in world.balancers.enumerated() {
            let summary = balancer.scheduler.summary
            guard summary.slotsIdle == world.profile.servers.reduce(0, +) else {
                throw Violation(.recovery, "balancer \(number) finds \(summary.slotsIdle) slots idle when all are")
            }
        }
    }
}
