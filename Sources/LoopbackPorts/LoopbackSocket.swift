#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Sockets of 127.0.0.1, the system's way.
public enum LoopbackSocket {
    /// No child process inherits it, and so keeps a test's connection open.
    public static func make() throws -> Int32 {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw SocketError("socket") }
        #if canImport(Darwin)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif
        return descriptor
    }

    /// - Returns: the port.
    public static func bind(_ descriptor: Int32, port: Int) throws -> Int {
        try withAddress(port: port) { address, length in
            var length = length
            #if canImport(Darwin)
                let result = Darwin.bind(descriptor, address, length)
            #else
                let result = Glibc.bind(descriptor, address, length)
            #endif
            guard result == 0, getsockname(descriptor, address, &length) == 0 else { throw SocketError("bind \(port)") }
        }
    }

    public static func connect(_ descriptor: Int32, port: Int) throws {
        _ = try withAddress(port: port) { address, length in
            #if canImport(Darwin)
                let result = Darwin.connect(descriptor, address, length)
            #else
                let result = Glibc.connect(descriptor, address, length)
            #endif
            guard result == 0 else { throw SocketError("connect to 127.0.0.1:\(port)") }
        }
    }

    /// - Returns: the port that the address has afterwards.
    private static func withAddress(
        port: Int,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) throws -> Void
    ) throws -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        try withUnsafeMutablePointer(to: &address) { address in
            try address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
