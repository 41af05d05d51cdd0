/// What becomes of a request that was handed in.
public enum Submission: Equatable, Sendable {
    /// It has its slot.
    case dispatch(Lease)
    /// It waits: a ``Decision`` about it follows.
    case queued(QueueTicket)
    /// It is over.
    case reject(Rejection)
}
