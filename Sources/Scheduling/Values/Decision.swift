/// Something that the shell has to carry out.
public enum Decision: Equatable, Sendable {
    /// A queued request gets its slot; `lease.request` says which.
    case dispatch(Lease)
    /// A request that waited for a server and needs no slot goes there.
    case send(RequestID, UpstreamID, UpstreamRoute)
    /// A queued request is over.
    case reject(RequestID, Rejection)
    /// One slot of a request whose client had left, or whose answer took too long, counts as busy no longer: once for each
    /// slot that its ``Outcome`` had left so.
    case cooled(RequestID)
    /// Ask this agent for a fresh slot sample.
    case poll(AgentID)
    /// Tell this agent, which is about to stop, that nothing is running on its upstream any more.
    case drained(AgentID)
}
