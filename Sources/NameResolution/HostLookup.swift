public import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What the system's resolver knows of a name: its hosts file, name servers, and on macOS mDNS.
public enum HostLookup {
    /// Blocks until the resolver has answered, which may take half a minute when its name servers don't.
    ///
    /// - Returns: the addresses in the resolver's order (RFC 6724), with port 0; none if there is no such name.
    public static func addresses(of name: String) -> [SocketAddress] {
        var hints = addrinfo()
        // One entry for each address, and not one for each kind of socket.
        #if canImport(Glibc)
            hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        return sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }.compactMap { entry in
            guard let info = entry?.pointee, let address = info.ai_addr else { return nil }
            return switch info.ai_family {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
            default:
                nil
            }
        }
    }
}
