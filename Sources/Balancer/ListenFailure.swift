import LlamaServer
import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An address that can't be listened on; its description is one line for the operator.
public struct ListenFailure: Error, CustomStringConvertible {
    public let description: String
    /// Whether another process listens there.
    let isAddressInUse: Bool

    init(listener: Listener, address: NetworkAddress, cause: any Error) {
        isAddressInUse = (cause as? IOError)?.errnoCode == EADDRINUSE
        let reason = Self.reason(cause, listener: listener)
        description = "cannot listen on \(address) for \(listener.inWords): \(reason)"
    }

    private static func reason(_ cause: any Error, listener: Listener) -> String {
        switch cause {
        case let cause as IOError: reason(errorNumber: cause.errnoCode, listener: listener) ?? cause.description
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            "this name does not resolve to an address (see \(listener.hostFlag))"
        default: String(describing: cause)
        }
    }

    private static func reason(errorNumber: CInt, listener: Listener) -> String? {
        switch errorNumber {
        case EADDRINUSE:
            "address already in use (is another balancer running? choose another with \(listener.portFlag))"
        case EACCES:
            "permission denied (a port below 1024 needs a privilege; choose another with \(listener.portFlag))"
        case EADDRNOTAVAIL:
            "this machine has no such address (choose another with \(listener.hostFlag))"
        default:
            nil
        }
    }
}
