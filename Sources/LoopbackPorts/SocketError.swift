#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A system call on a socket that failed.
public struct SocketError: Error, CustomStringConvertible {
    public let description: String

    /// Right after the call: it is what `errno` says.
    public init(_ call: String) {
        self.init(call, code: errno)
    }

    public init(_ call: String, code: Int32) {
        description = "\(call): \(String(cString: strerror(code)))"
    }
}
