import Scheduling
import SeededRandom

/// What kind of fleet a seed stands for.
struct FleetProfile {
    var configuration = Scheduler.Configuration()
    /// Nothing is wrong with the network or with clocks, and nobody else uses the servers: what is said is exact.
    var isCalm: Bool
    /// The longest way of a message, when nothing is wrong.
    var delay: Duration
    var heartbeat: Duration
    /// Whether agents look at idle servers ever more rarely, as those do whose balancer can ask for a look.
    var agentsRest: Bool
    var servers: Int
    /// The most requests that there are at one time.
    var crowd: Int
    /// The mean time from one step to the next.
    var pause: Duration
    /// The longest that the computation of an answer takes.
    var work: Duration

    init(_ random: inout SplitMix64) {
        configuration.maximumQueued = random.pick([0, 3, 30, 1000])
        configuration.queueTimeout = random.pick([.milliseconds(500), .seconds(5), .seconds(60)])
        configuration.maximumAttempts = random.pick([1, 2, 3])
        configuration.coolingLimit = random.pick([.seconds(5), .seconds(30)])
        isCalm = random.chance(25)
        delay = isCalm ? .milliseconds(5) : random.pick([.milliseconds(1), .milliseconds(20), .milliseconds(400)])
        heartbeat = random.pick([.milliseconds(500), .seconds(2), .seconds(5)])
        servers = 1 + random.below(4)
        crowd = random.pick([3, 10, 30])
        pause = random.pick([.milliseconds(5), .milliseconds(100), .milliseconds(700)])
        work = random.pick([.milliseconds(30), .milliseconds(500), .seconds(5)])
        agentsRest = random.chance(70)
    }
}
