import LlamaServer
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// From names to IP addresses, for balancers that read no names.
enum AddressResolution {
    struct NoAddress: Error, CustomStringConvertible {
        let host: String
        var description: String { "the name \(host) cannot be resolved" }
    }

    /// - Returns: an address with the name's first IPv4 address, or else its first IPv6 address, which is what 1.x's own
    ///   agents told; an IP address as it is.
    static func resolved(_ address: NetworkAddress) async throws -> NetworkAddress {
        guard (try? SocketAddress(ipAddress: address.host, port: address.port)) == nil else { return address }
        return try await NIOThreadPool.singleton.runIfActive {
            for family in [AF_INET, AF_INET6] {
                if let host = first(address.host, family) { return NetworkAddress(host: host, port: address.port) }
            }
            throw NoAddress(host: address.host)
        }
    }

    /// Blocks until the resolver has answered.
    private static func first(_ host: String, _ family: CInt) -> String? {
        var hints = addrinfo()
        hints.ai_family = family
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0, let list else { return nil }
        defer { freeaddrinfo(list) }
        guard let address = list.pointee.ai_addr else { return nil }
        return family == AF_INET
            ? address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee).ipAddress }
            : address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee).ipAddress }
    }
}
