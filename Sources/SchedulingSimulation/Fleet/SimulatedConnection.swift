import AgentReception
import AgentRules
import Scheduling

/// A connection of an agent to the balancer: both ends, and the network between them.
struct SimulatedConnection {
    /// By number.
    let agent: Int
    var words = UplinkWords()
    var conversation: AgentConversation
    /// Its number in the registry, once it has said hello.
    var number: SpeakingConnections.Number?
    var unsaid = UnsaidWords()
    var saidGoodbye = false

    var isOpenForAgent = true
    var isOpenForBalancer = false
    /// Whether the head of the balancer's answer has arrived.
    var isAnswered = false
    /// Nothing that is sent arrives any more, and nobody is told.
    var isHalfOpen = false
    /// The agent's end will find out that nothing is acknowledged.
    var agentWillGiveUp = false
    /// Nothing arrives before that; then everything, in its order.
    var stalledUntil = Instant(nanoseconds: .min)
    var lastArrivalAtBalancer = Instant(nanoseconds: .min)
    var lastArrivalAtAgent = Instant(nanoseconds: .min)
    var lastHeard = Instant(nanoseconds: .min)
}
