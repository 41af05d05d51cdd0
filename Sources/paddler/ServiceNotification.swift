#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Tells whoever started this process, as systemd's `Type=notify` expects it (sd_notify(3)), how far it is. Nothing happens
/// where nobody wants to know: without `NOTIFY_SOCKET`.
enum ServiceNotification: String {
    case ready = "READY=1"
    case stopping = "STOPPING=1"

    /// - Parameter socket: a path, or a name of Linux's own after an `@`; nil: nobody wants to know.
    func send(to socket: String? = Self.socket) {
        guard let socket, var address = Self.address(of: socket) else { return }
        let descriptor = Self.openSocket()
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = Array(rawValue.utf8)
        // A failure changes nothing: a service manager that doesn't listen isn't told.
        _ = withUnsafePointer(to: &address.value) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                sendto(descriptor, text, text.count, 0, pointer, address.length)
            }
        }
    }

    private static var socket: String? {
        getenv("NOTIFY_SOCKET").map { String(cString: $0) }
    }

    private static func openSocket() -> CInt {
        #if canImport(Darwin)
            Darwin.socket(AF_UNIX, SOCK_DGRAM, 0)
        #elseif canImport(Musl)
            Musl.socket(AF_UNIX, CInt(SOCK_DGRAM), 0)
        #else
            Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        #endif
    }

    private static func address(of socket: String) -> (value: sockaddr_un, length: socklen_t)? {
        var bytes = Array(socket.utf8)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@") else { return nil }
        // Linux: a name that begins with a zero byte is no file's.
        if first == UInt8(ascii: "@") { bytes[0] = 0 }
        var value = sockaddr_un()
        value.sun_family = sa_family_t(AF_UNIX)
        guard bytes.count < MemoryLayout.size(ofValue: value.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &value.sun_path) { $0.copyBytes(from: bytes) }
        let length = (MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0) + bytes.count
        return (value, socklen_t(first == UInt8(ascii: "@") ? length : length + 1))
    }
}
