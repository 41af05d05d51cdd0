#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An IP address, written in one way: an IPv4 address that came in an IPv6 one (`::ffff:192.0.2.1`, RFC 4291 2.5.5.2), as a
/// listener for both families names its clients, is the IPv4 address.
public struct IPAddress: Hashable, Sendable {
    /// IPv4 addresses are kept mapped, so that one comparison serves both families.
    let high: UInt64
    let low: UInt64

    private static let mappedPrefix: UInt64 = 0x0000_FFFF_0000_0000

    /// - Parameter text: an IPv4 or IPv6 address without brackets and port; a zone (`fe80::1%eth0`) is left out.
    /// - Returns: nil when it is neither.
    public init?(_ text: some StringProtocol) {
        let address = String(text.prefix { $0 != "%" })
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 {
            high = 0
            low = Self.mappedPrefix | UInt64(UInt32(bigEndian: four.s_addr))
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, address, &six) == 1 else { return nil }
        (high, low) = withUnsafeBytes(of: &six) {
            (
                UInt64(bigEndian: $0.load(as: UInt64.self)),
                UInt64(bigEndian: $0.load(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// - Parameter bytes: 4 or 16 of them, as they stand in packets and certificates.
    /// - Returns: nil when there are more or fewer.
    package init?(networkOrder bytes: [UInt8]) {
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: (high, low) = (0, Self.mappedPrefix | number(bytes[...]))
        case 16: (high, low) = (number(bytes[..<8]), number(bytes[8...]))
        default: return nil
        }
    }

    /// 4 or 16 bytes, as they stand in packets and certificates.
    package var networkOrder: [UInt8] {
        func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
        return isIPv4 ? Array(bytes(low).suffix(4)) : bytes(high) + bytes(low)
    }

    /// Whether it is an IPv4 address, mapped or not.
    public var isIPv4: Bool { high == 0 && low >> 32 == Self.mappedPrefix >> 32 }
}

extension IPAddress: CustomStringConvertible {
    /// `192.0.2.1` or `2001:db8::1`.
    public var description: String {
        guard !isIPv4 else {
            return (0..<4).map { "\(UInt8(truncatingIfNeeded: low >> (24 - 8 * $0)))" }.joined(separator: ".")
        }
        var bytes = (high.bigEndian, low.bigEndian)
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
