#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension LoopbackSocket {
    /// A UDP port that nobody uses, for a program that can't choose one itself.
    public static func freeDatagramPort() throws -> Int {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_DGRAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw SocketError("socket") }
        defer { close(descriptor) }
        return try bind(descriptor, port: 0)
    }
}
