/// What an agent's word counts for.
public enum Standing: Equatable, Sendable {
    /// It speaks for its upstream.
    case speaks
    /// Another agent speaks for this address, and is heard; this one's reports count as soon as that one leaves or falls
    /// silent.
    case waits(for: AgentID, name: String?)
    /// Agents came to this address, or this agent to its addresses, too often within a minute.
    case changesTooOften(limit: Int)
    /// There are as many upstreams as there may be.
    case tooMany(limit: Int)
    /// Its address is the balancer's own; said by who knows that.
    case isBalancer
}
