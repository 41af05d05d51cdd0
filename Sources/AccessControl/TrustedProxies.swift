/// The proxies in front of us, whose word counts on who asked them for what: `X-Forwarded-For`, `-Proto`, `-Host`,
/// `Forwarded`, `X-Real-IP`.
public struct TrustedProxies: Equatable, Sendable {
    private let ranges: [AddressRange]

    public init(_ ranges: [AddressRange]) {
        self.ranges = ranges
    }

    /// This machine: nginx in front of a balancer is mostly there.
    ///
    /// Not for who decides by such a field who may change something: a page whose name was rebound to a loopback address
    /// comes from there, too, and can send any field.
    public static let loopback = TrustedProxies(["127.0.0.0/8", "::1"].compactMap(AddressRange.init))

    public func contains(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
