#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A port of 127.0.0.1 whose connections come about, and on which nobody ever says or reads anything.
public final class SilentPort: Sendable {
    public let port: Int
    private let socket: Int32

    public init() throws {
        socket = try LoopbackSocket.make()
        port = try LoopbackSocket.bind(socket, port: 0)
        guard listen(socket, 128) == 0 else { throw SocketError("listen") }
    }

    deinit {
        close(socket)
    }
}
