/// What has become different in the fleet since somebody looked, or a part of it.
public struct FleetChanges: Sendable {
    /// nil: it is forgotten.
    var upstreams: [(index: Int, upstream: UpstreamSnapshot?)]
    /// All but the upstreams, at the same moment; its models are in no order.
    var rest: FleetSnapshot
    /// How many upstreams are still to be taken.
    public let left: Int
}
