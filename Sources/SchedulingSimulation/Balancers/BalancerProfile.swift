import Scheduling
import SeededRandom

/// What kind of fleet and of balancers a seed stands for.
struct BalancerProfile {
    var balancers = 2
    /// The slots of each server.
    var servers: [Int]
    /// The longest way of a message, and the shortest in hundredths of it.
    var delay: Duration
    var shortestDelay = 0
    /// Balancers that know nothing of leases of others, as those of earlier versions.
    var olderBalancers: Set<Int> = []
    /// So are the agents.
    var hasOlderAgents = false
    /// Whether connections are cut and silent, balancers die and agents restart.
    var hasFaults = false
    /// Whether somebody uses the servers who has no balancer.
    var hasStrangers = false
    /// The longest that the computation of an answer takes.
    var work = Duration.seconds(5)
    var pause = Duration.milliseconds(100)
    /// As in the product.
    var monitoring = Duration.seconds(5)
    var heartbeat = Duration.seconds(5)
    var configuration = Scheduler.Configuration()

    init(servers: [Int], delay: Duration) {
        self.servers = servers
        self.delay = delay
        configuration.maximumQueued = 1_000_000
        configuration.queueTimeout = .seconds(36_000)
    }

    init(_ random: inout SplitMix64) {
        self.init(
            servers: (0..<1 + random.below(4)).map { _ in 1 + random.below(4) },
            delay: random.pick([.milliseconds(1), .milliseconds(5), .milliseconds(50), .milliseconds(400)])
        )
        balancers = 2 + random.below(3)
        hasFaults = random.chance(70)
        hasStrangers = random.chance(40)
        if random.chance(20) { olderBalancers = [random.below(balancers)] }
        hasOlderAgents = random.chance(10)
        work = random.pick([.milliseconds(100), .seconds(2), .seconds(10)])
        pause = random.pick([.milliseconds(5), .milliseconds(100), .seconds(1)])
        configuration.coolingLimit = random.pick([.seconds(5), .seconds(30)])
    }
}
