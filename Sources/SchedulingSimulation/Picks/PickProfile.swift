import LlamaServer
import Scheduling
import SeededRandom

/// What kind of fleet a seed stands for.
struct PickProfile {
    var configuration = Scheduler.Configuration()
    let servers: [PickedServer]
    /// In percent, of what goes wrong.
    let faults: Int
    /// Clients that wait or are served, at one time.
    let crowd: Int
    /// In percent, of clients that might leave.
    let leaving: Int
    /// In percent, requests that take several slots.
    let wide: Int
    /// None: nobody is asked who it is.
    let tenants: [TenantTerms]
    /// Whether the balancer stops, dies and comes back.
    let hasRestarts: Bool

    init(_ random: inout SplitMix64) {
        configuration.maximumQueued = random.pick([1, 10, 1000])
        configuration.queueTimeout = random.pick([.seconds(2), .seconds(60), .seconds(60)])
        configuration.maximumAttempts = random.pick([1, 2, 3])
        // Nothing but a sample says here that a slot is idle.
        configuration.coolingLimit = .seconds(1_000_000)
        configuration.maximumChangesPerMinute = .max
        servers = (0..<1 + random.below(3)).map { number in
            PickedServer(
                address: NetworkAddress(host: "10.0.0.\(number + 1)", port: 8080),
                slots: random.pick([1, 1, 2, 4])
            )
        }
        faults = random.pick([0, 2, 5, 15])
        crowd = random.pick([4, 12, 25])
        leaving = random.pick([0, 20, 80])
        wide = random.pick([0, 0, 30])
        tenants = (0..<random.pick([0, 0, 2, 3])).map { number in
            TenantTerms(
                tenant: TenantID(number: UInt32(number)),
                weight: 1 + number,
                maximumRunning: number == 0 ? random.pick([nil, 1, 2]) : nil,
                maximumWaiting: number == 0 ? random.pick([nil, 2]) : nil
            )
        }
        hasRestarts = random.chance(50)
    }

    func demand(_ random: inout SplitMix64) -> RequestDemand {
        let slots = random.chance(wide) ? 2 + random.below(3) : 1
        var demand = RequestDemand(slots: slots, answers: 1)
        guard !tenants.isEmpty else { return demand }
        demand.terms = random.pick(tenants)
        demand.priority = UInt8(random.below(2))
        return demand
    }
}
