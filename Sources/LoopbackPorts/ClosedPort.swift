#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A port of 127.0.0.1 on which nobody listens, for as long as this lives: connecting to it is refused at once.
public final class ClosedPort: Sendable {
    public let port: Int
    private let socket: Int32

    public init() throws {
        socket = try LoopbackSocket.make()
        port = try LoopbackSocket.bind(socket, port: 0)
    }

    deinit {
        close(socket)
    }
}
