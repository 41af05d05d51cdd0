#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#elseif os(Windows)
    import WinSDK
#else
    import Glibc
#endif

extension NetworkAddress {
    /// The one spelling of this address: a name in lower case without the dot at its end, an IPv4 address as four decimal
    /// numbers, however it was written (`127.1`, `0x7f000001`, `::ffff:127.0.0.1`), an IPv6 address as RFC 5952 writes it, a
    /// socket's path without empty segments and `.`.
    ///
    /// Nothing is looked up: two names of one machine stay two.
    public var canonical: NetworkAddress {
        if let socketPath {
            let segments = socketPath.split(separator: "/").filter { $0 != "." }
            return NetworkAddress(socketPath: "/" + segments.joined(separator: "/"))
        }
        var host = host.lowercased()
        if host.count > 1, host.hasSuffix(".") { host.removeLast() }
        if host.contains(":") {
            host = Self.canonicalIPv6(host) ?? host
        } else if host.utf8.first.map({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) == true {
            host = Self.canonicalIPv4(host) ?? host
        }
        return NetworkAddress(host: host, port: port)
    }

    /// What tells one server from another: the ``canonical`` address, with `localhost` (RFC 6761 6.3) as 127.0.0.1. Not
    /// for connecting, since `localhost` may mean ::1 there.
    public var identity: NetworkAddress {
        let address = canonical
        guard address.host == "localhost" || address.host.hasSuffix(".localhost") else { return address }
        return NetworkAddress(host: "127.0.0.1", port: address.port)
    }

    /// With everything that inet_aton(3) takes, as the resolver does; Windows has no such function.
    private static func canonicalIPv4(_ host: String) -> String? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { cNumber($0) }
        guard numbers.count == parts.count, 1...4 ~= numbers.count, let last = numbers.last else { return nil }
        // The last one fills what the others leave.
        let rest = 4 - (numbers.count - 1)
        guard numbers.dropLast().allSatisfy({ $0 <= 0xff }), last < 1 << (8 * rest) else { return nil }
        let bytes = numbers.dropLast() + (0..<rest).reversed().map { last >> (8 * $0) & 0xff }
        return bytes.map(String.init).joined(separator: ".")
    }

    /// As C writes one: `0x` in front of a hexadecimal, `0` in front of an octal number.
    private static func cNumber(_ text: Substring) -> UInt64? {
        guard let first = text.utf8.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= first else { return nil }
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            let digits = text.dropFirst(2)
            return digits.utf8.first.map { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") } == true
                ? UInt64(digits, radix: 16) : nil
        }
        return UInt64(text, radix: first == UInt8(ascii: "0") ? 8 : 10)
    }

    private static func canonicalIPv6(_ host: String) -> String? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, host, &address) == 1 else { return nil }
        let bytes = withUnsafeBytes(of: address) { Array($0) }
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
            return bytes[12...].map(String.init).joined(separator: ".")
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &text, numericCast(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
