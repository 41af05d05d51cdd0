/// A range of IP addresses as RFC 4632 writes them: `10.0.0.0/8`, `2001:db8::/32`. An address alone is a range of one.
public struct AddressRange: Hashable, Sendable {
    private let network: IPAddress
    /// Bits of the 128 that count: an IPv4 address is the end of an IPv6 one.
    private let length: Int

    /// - Returns: nil when it is no such range. Bits behind the prefix are passed over, as nginx and HAProxy do.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].contains("%"), let network = IPAddress(parts[0]) else {
            return nil
        }
        // A mapped address that was written as IPv6 has a prefix of IPv6's length.
        let isWrittenAsIPv4 = !parts[0].contains(":")
        let longest = isWrittenAsIPv4 ? 32 : 128
        var length = longest
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), parts[1].utf8.count <= 3,
                let given = Int(parts[1]), given <= longest
            else { return nil }
            length = given
        }
        self.network = network
        self.length = isWrittenAsIPv4 ? length + 96 : length
    }

    public func contains(_ address: IPAddress) -> Bool {
        Self.agree(network.high, address.high, bits: min(length, 64))
            && Self.agree(network.low, address.low, bits: max(length - 64, 0))
    }

    private static func agree(_ left: UInt64, _ right: UInt64, bits: Int) -> Bool {
        // Shifting out all 64 bits leaves nothing to differ.
        (left ^ right) >> UInt64(64 - bits) == 0
    }
}

extension AddressRange: CustomStringConvertible {
    /// `10.0.0.0/8`; an address alone without a length.
    public var description: String {
        if length == 128 { return "\(network)" }
        return network.isIPv4 && length >= 96 ? "\(network)/\(length - 96)" : "\(network)/\(length)"
    }
}
