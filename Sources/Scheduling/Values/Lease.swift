public import LlamaServer

/// The right to use a slot of an upstream, or as many as the request takes, to be given back exactly once; giving it back again does nothing.
public struct Lease: Hashable, Sendable {
    public let request: RequestID
    public let upstream: UpstreamID
    public let route: UpstreamRoute
    /// How many leases this request has had, this one included: 1 the first time.
    public let attempt: Int
    /// How many slots it stands for, at least 1.
    public let slots: Int
    /// What its upstream calls the model that the request asks for; nil: as the request does.
    public let model: String?
    let ticket: QueueTicket

    public var address: NetworkAddress { route.address }
}
