import Scheduling

/// What happens at its time to several balancers, their agents and servers.
enum BalancerEvent {
    case connects(agent: Int, balancer: Int)
    case bytesToBalancer(Int, [UInt8])
    case bytesToAgent(Int, [UInt8])
    case endsForBalancer(Int)
    case endsForAgent(Int)
    case looks(agent: Int)
    case seen(agent: Int, processing: Int, since: Instant)
    case beats(agent: Int)
    case turns(agent: Int)
    case returns(balancer: Int)
    case agentStarts(server: Int)
    case tick(balancer: Int, life: Int)
    /// The load of a measurement.
    case nextArrives
    /// A request, by its number, comes to its server.
    case comes(Int)
    case isDone(Int)
    case strangerLeaves(server: Int)
}
