import Scheduling
import SeededRandom

/// Several balancers before the same servers. A request comes to one of them by chance, whichever had the conversation's last turn.
///
/// They tell each other at once what they have running where: what the way of a word costs, `measure-balancers` says.
struct SeveralBalancers: Balancing {
    private var balancers: [SchedulerBalancing]
    private let tellsPrompts: Bool
    private var random = SplitMix64(seed: 11)
    /// Of each request that isn't over, the balancer that it came to.
    private var homes: [Int: Int] = [:]

    /// - Parameter tellsPrompts: whether they tell each other of prompts, too.
    init(_ count: Int, _ balance: Balance, machines: [Machine], tellsPrompts: Bool) {
        balancers = (0..<count).map { _ in
            SchedulerBalancing(balance, machines: machines, tellsLeases: true, tellsPrompts: tellsPrompts)
        }
        self.tellsPrompts = tellsPrompts
    }

    mutating func arrived(_ request: SimulatedRequest, _ servers: [CachingServer], at time: Double) -> Sent {
        let balancer = random.below(balancers.count)
        homes[request.number] = balancer
        var sent = balancers[balancer].arrived(request, servers, at: time)
        spread(from: balancer, &sent, at: time)
        return sent
    }

    mutating func ended(_ request: SimulatedRequest, _ servers: [CachingServer], at time: Double) -> Sent {
        guard let balancer = homes.removeValue(forKey: request.number) else { return [] }
        var sent = balancers[balancer].ended(request, servers, at: time)
        spread(from: balancer, &sent, at: time)
        return sent
    }

    var nextDue: Double? { balancers.compactMap(\.nextDue).min() }

    mutating func passed(_ servers: [CachingServer], at time: Double) -> Sent {
        var sent: Sent = []
        for balancer in balancers.indices where balancers[balancer].nextDue.map({ $0 <= time }) == true {
            sent += balancers[balancer].passed(servers, at: time)
            spread(from: balancer, &sent, at: time)
        }
        return sent
    }

    private mutating func spread(from balancer: Int, _ sent: inout Sent, at time: Double) {
        let others = balancers.indices.filter { $0 != balancer }
        for (agent, news) in balancers[balancer].takePromptNews() {
            for other in others { balancers[other].heard(news, of: agent) }
        }
        for server in balancers[balancer].takeLeaseNews() {
            // Whoever gives a slot away is heard before the next one is told that it is idle.
            for other in others {
                let leases = balancers.indices.reduce(0) { $0 + ($1 == other ? 0 : balancers[$1].leases(of: server)) }
                sent += balancers[other].others(have: leases, of: server, at: time)
                spread(from: other, &sent, at: time)
            }
        }
    }
}
