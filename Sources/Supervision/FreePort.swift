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

    public static func isFree(_ port: Int) -> Bool {
        guard (1...65_535).contains(port), let (descriptor, _) = bound(to: port) else { return false }
        close(descriptor)
        return true
    }

    /// - Parameter port: 0: any.
    private static func bound(to port: Int) -> (descriptor: CInt, port: Int)? {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        // Of all addresses: a server may be meant to listen on one of the others.
        address.sin_addr.s_addr = in_addr_t(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}
