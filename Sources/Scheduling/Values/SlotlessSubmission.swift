/// What becomes of a request that needs no slot.
public enum SlotlessSubmission: Equatable, Sendable {
    case send(UpstreamID, UpstreamRoute)
    /// No server is usable: a ``Decision`` about it follows.
    case waits
    case reject(Rejection)
}
