/// One upstream, for as long as the scheduler knows it. That of an upstream forgotten meanwhile is recognised as stale.
public struct UpstreamID: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
}

extension UpstreamID: CustomStringConvertible {
    public var description: String { "\(index).\(generation)" }
}
