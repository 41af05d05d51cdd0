import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A port that stays ours though nobody listens on it: a socket that is bound and never listens. Without
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

    let address: String
    let port: Int

    /// - Parameter address: of IPv4.
    init(address: String, port: Int) throws {
        #if canImport(Glibc)
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let socket = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard socket >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, Self.sharingOption, &yes, socklen_t(MemoryLayout<Int32>.size))
        var bound = sockaddr_in()
        bound.sin_family = sa_family_t(AF_INET)
        bound.sin_port = in_port_t(port).bigEndian
        bound.sin_addr.s_addr = inet_addr(address)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &bound) { bound in
            bound.withMemoryRebound(to: sockaddr.self, capacity: 1) { bound in
                bind(socket, bound, length) == 0 && getsockname(socket, bound, &length) == 0
            }
        }
        guard isBound else { throw IOError(errnoCode: errno, reason: "\(address):\(port)") }
        self.address = address
        self.port = Int(in_port_t(bigEndian: bound.sin_port))
    }
}
