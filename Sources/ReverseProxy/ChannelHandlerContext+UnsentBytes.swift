import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension ChannelHandlerContext {
    /// Whether the system has yet to take some of what was written, flushed or not. True when that is all lost.
    var hasUnsentBytes: Bool { unsentBytes != 0 }

    /// How much of it; nil when it is all lost.
    var unsentBytes: Int? {
        guard let options = channel.syncOptions else { return nil }
        return try? options.getOption(.bufferedWritableBytes)
    }

    /// How much of what the system has taken the other side hasn't, in bytes. A call of the system.
    var unacknowledgedBytes: Int { channel.unacknowledgedBytes }
}

extension Channel {
    /// How much of what the system has taken the other side hasn't, in bytes. A call of the system.
    var unacknowledgedBytes: Int {
        let bytes = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            socketsUnacknowledgedBytes(of: $0)
        }
        return bytes ?? 0
    }

    /// Closing its socket then resets its connection.
    func lingerForNoTime() {
        if let socket = self as? any SocketOptionProvider {
            _ = socket.unsafeSetSocketOption(level: .socket, name: .so_linger, value: Linger.forNoTime)
        }
    }
}

private func socketsUnacknowledgedBytes(of socket: NIOBSDSocket.Handle) -> Int {
    var bytes: CInt = 0
    #if canImport(Darwin)
        var size = socklen_t(MemoryLayout<CInt>.size)
        let result = getsockopt(socket, SOL_SOCKET, SO_NWRITE, &bytes, &size)
    #else
        let result = ioctl(socket, numericCast(TIOCOUTQ), &bytes)
    #endif
    return result == 0 ? Int(bytes) : 0
}
