#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A port of 127.0.0.1 that nobody gets by chance, but anybody who asks for it by its number: for what is to come back on
/// the same port.
public final class ReservedPort: Sendable {
    public let port: Int
    private let socket: Int32

    /// A socket that is bound and never listens keeps the port from being handed out. With SO_REUSEADDR on both, Linux
    /// lets one other socket bind it and listen. macOS doesn't, so there the port is only likely to stay free.
    public init() throws {
        socket = try LoopbackSocket.make()
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        port = try LoopbackSocket.bind(socket, port: 0)
        #if canImport(Darwin)
            close(socket)
        #endif
    }

    deinit {
        #if !canImport(Darwin)
            close(socket)
        #endif
    }
}
