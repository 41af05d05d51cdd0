#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A port of 127.0.0.1 on which nobody listens, for as long as this lives: connecting to it is refused at once.
final class ClosedPort: Sendable {
    let port: Int
    private let socket: Int32

    init() throws {
        socket = try LoopbackSocket.make()
        port = try LoopbackSocket.bind(socket, port: 0)
    }

    deinit {
        close(socket)
    }
}

/// A port of 127.0.0.1 whose connections come about, and on which nobody ever says or reads anything.
final class SilentPort: Sendable {
    let port: Int
    private let socket: Int32

    init() throws {
        socket = try LoopbackSocket.make()
        port = try LoopbackSocket.bind(socket, port: 0)
        guard listen(socket, 128) == 0 else { throw SocketError("listen") }
    }

    deinit {
        close(socket)
    }
}
