#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Ports of this machine that nobody uses at this moment.
public enum FreePort {
    /// Linux gives ports from 32768 on to connections that are made, macOS from 49152 on: what is chosen below these stays free while its
    /// server isn't running.
    private static let preferred = 20_000...32_767

    /// - Parameter count: how many different ones.
    /// - Returns: fewer if the system has no more.
    public static func find(_ count: Int) -> [Int] {
        var descriptors: [CInt] = []
        // Held until all are chosen.
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [Int] = []
        var misses = 0
        while ports.count < count, misses < 200 {
            let wanted = misses < 100 ? Int.random(in: preferred) : 0
            guard let (descriptor, port) = bound(to: wanted) else {
                misses += 1
                continue
            }
            descriptors.append(descriptor)
            ports.append(port)
        }
        return ports
    }

    /// Whether a server that reuses addresses, as llama-server does, can listen there. The connections of the one before may
    /// be known to the system for a minute after its end.
    public static func isFree(_ port: Int) -> Bool {
        guard (1...65_535).contains(port), isRefused(at: port),
            let (descriptor, _) = bound(to: port, options: [SO_REUSEADDR, SO_REUSEPORT])
        else { return false }
        close(descriptor)
        return true
    }

    /// One that reuses ports would let others listen beside it.
    private static func isRefused(at port: Int) -> Bool {
        guard let descriptor = made() else { return false }
        defer { close(descriptor) }
        // Of connect, too: whoever listens there and takes nobody is one who listens.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = address(0x7F00_0001, port)
        return withSystemAddress(&address) { connect(descriptor, $0, $1) } != 0 && errno == ECONNREFUSED
    }

    /// - Parameter port: 0: any.
    private static func bound(to port: Int, options: [CInt] = []) -> (descriptor: CInt, port: Int)? {
        guard let descriptor = made() else { return nil }
        var yes: CInt = 1
        for option in options {
            setsockopt(descriptor, SOL_SOCKET, option, &yes, socklen_t(MemoryLayout<CInt>.size))
        }
        // Of all addresses: a server may be meant to listen on one of the others.
        var address = address(0, port)
        let isBound = withSystemAddress(&address) { pointer, length in
            var length = length
            return bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func made() -> CInt? {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    private static func address(_ host: UInt32, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(host).bigEndian
        return address
    }

    private static func withSystemAddress<Value>(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
