import AgentRules
import Scheduling

/// What happens in a simulated fleet without anybody's doing.
enum FleetEvent {
    // To agents, by their number; what happens to one that is suspended happens afterwards.

    /// Its watch may have something to ask.
    case agentTimer(Int)
    case probeArrives(Int, Probe)
    case probeAnswered(Int, Probe, Probe.Answer)
    case heartbeat(Int, connection: Int)
    case reconnect(Int)
    case toldToStop(Int)
    case farewellLimit(Int)

    // On connections, by their number.

    case opens(Int)
    case bytesToBalancer(Int, [UInt8])
    case bytesToAgent(Int, [UInt8])
    /// The other side, or the network, has ended it.
    case endsForBalancer(Int)
    case endsForAgent(Int)
    /// Nothing may have come for too long.
    case balancerLooksForSilence(Int)
    case agentGivesUp(Int)

    // To requests; the attempt says whether it is still about the same one.

    case requestArrives(RequestID, attempt: Int)
    case answerBegins(RequestID, attempt: Int)
    case answerEnds(RequestID, attempt: Int)
    case breaksOff(RequestID, attempt: Int)
    case ghostEnds(server: Int, life: Int)

    /// The scheduler's timer.
    case tick
}
