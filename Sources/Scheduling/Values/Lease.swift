public import LlamaServer

/// The right to use one slot of one upstream, to be given back exactly once; giving it back again does nothing.
public struct Lease: Hashable, Sendable {
    public let request: RequestID
    public let upstream: UpstreamID
    public let route: UpstreamRoute
    /// How many leases this request has had, this one included: 1 the first time.
    public let attempt: Int
    let ticket: QueueTicket

    public var address: NetworkAddress { route.address }
}
