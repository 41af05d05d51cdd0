import Scheduling
import SeededRandom

// What goes wrong between agents and balancers.

extension BalancerWorld {
    /// What is on its way is lost, and both ends are told, each in its time.
    mutating func cut(_ server: Int, from balancer: Int) {
        guard let number = agents[server]?.connections[balancer] else { return }
        trace.note("connection \(number) of server \(server) and balancer \(balancer) is cut")
        connections[number].isCut = true
        deliver(.endsForAgent(number), on: number)
        deliver(.endsForBalancer(number), on: number)
    }

    /// Nothing arrives for a while; then everything, in its order.
    mutating func stall(_ server: Int, and balancer: Int) {
        guard let number = agents[server]?.connections[balancer] else { return }
        let time = some(.seconds(2))
        trace.note("connection \(number) of server \(server) and balancer \(balancer) stalls for \(time)")
        connections[number].stalledUntil = max(connections[number].stalledUntil, now + time)
    }

    mutating func restartAgent(of server: Int) {
        guard agents[server] != nil else { return }
        endAgent(of: server)
        plan(.agentStarts(server: server), in: some(.seconds(2)))
    }
}
