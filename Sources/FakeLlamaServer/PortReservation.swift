import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A port of 127.0.0.1 that stays ours though nobody listens on it: a socket that is bound and never listens. Without
/// it the system could give a refusing server's port to somebody else.
struct PortReservation: Sendable {
    /// What the listener must set to share the port with the reservation. Linux refuses the port to anybody else who
    /// sets it as long as one listens.
    static let sharing = ChannelOptions.Types.SocketOption(
        level: .socket,
        name: .init(rawValue: sharingOption)
    )

    #if canImport(Darwin)
        private static let sharingOption = SO_REUSEPORT
    #else
        private static let sharingOption = SO_REUSEADDR
    #endif

    let port: Int

    init(port: Int) throws {
        #if canImport(Glibc)
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let socket = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard socket >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, Self.sharingOption, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
            }
        }
        guard isBound else { throw IOError(errnoCode: errno, reason: "127.0.0.1:\(port)") }
        self.port = Int(in_port_t(bigEndian: address.sin_port))
    }
}
