internal import NIOCore

#if os(Linux)
    #if canImport(Musl)
        internal import Musl
    #else
        internal import Glibc
    #endif
#endif

extension Channel {
    /// Has the system acknowledge at once what came last.
    ///
    /// BoringSSL says nothing behind a client's last word of the handshake. A client that leaves Nagle's algorithm on sends its
    /// request only when that word is acknowledged, which Linux otherwise puts off for 40 ms.
    func acknowledgeAtOnce() {
        #if os(Linux)
            guard let socket = self as? any SocketOptionProvider else { return }
            let name = NIOBSDSocket.Option(rawValue: TCP_QUICKACK)
            _ = socket.unsafeSetSocketOption(level: .tcp, name: name, value: CInt(1))
        #endif
    }
}
