#if canImport(Darwin)
    import Darwin
#else
    import Foundation
    import Glibc
#endif

/// A datagram socket as systemd's, where a service says how far it is.
final class NotifySocket: Sendable {
    /// What `NOTIFY_SOCKET` has.
    let name: String
    private let descriptor: Int32

    /// - Parameter isAbstract: a name of Linux's own, which is no file.
    init(isAbstract: Bool) throws {
        let unique = "paddler-notify-\(UUID().uuidString)"
        name = isAbstract ? "@\(unique)" : "/tmp/\(unique)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard descriptor >= 0, result == 0 else { throw HarnessFailure(description: "no socket \(name)") }
    }

    deinit {
        close(descriptor)
        if name.hasPrefix("/") { unlink(name) }
    }

    /// The next datagram; nil: there is none yet.
    func next() -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}
