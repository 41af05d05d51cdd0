internal import NIOCore
internal import NIOPosix

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Why there is no connection, or no more of one, for people.
package enum NetworkFailure {
    /// One line.
    package static func inWords(_ error: any Error) -> String {
        if let problem = TLSProblem(error) { return "no secure connection: \(problem)" }
        switch error {
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first { return inWords(failure.error) }
            return "the name \(error.host) cannot be resolved"
        case let error as IOError:
            return inWords(error)
        case let error as ChannelError:
            if case .connectTimeout = error { return "no connection in time" }
            return "connection closed"
        default:
            return "\(error)".replacing("\n", with: " ")
        }
    }

    /// Whether somebody is there to say that nobody listens.
    package static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case let error as NIOConnectionError:
            !error.connectionErrors.isEmpty && error.connectionErrors.allSatisfy { isRefusal($0.error) }
        case let error as IOError:
            error.errnoCode == ECONNREFUSED
        default:
            false
        }
    }

    /// Whether nobody said anything for as long as one waited.
    package static func isTimeout(_ error: any Error) -> Bool {
        switch error {
        case let error as NIOConnectionError:
            !error.connectionErrors.isEmpty && error.connectionErrors.allSatisfy { isTimeout($0.error) }
        case ChannelError.connectTimeout:
            true
        default:
            false
        }
    }

    /// Whether it was this process or its machine that had no means left, which says nothing of the other side.
    package static func isOwn(_ error: any Error) -> Bool {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.contains { isOwn($0.error) }
        case let error as IOError:
            [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL].contains(error.errnoCode)
        default:
            false
        }
    }

    private static func inWords(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "connection reset"
        case ETIMEDOUT: "no answer from the machine"
        case EHOSTUNREACH, ENETUNREACH: "no route to the machine"
        // Only a UNIX domain socket's path can be unknown.
        case ENOENT: "there is no such socket on this machine"
        case EACCES: "no permission to use the socket"
        case EMFILE, ENFILE: "no file descriptor is left"
        case EADDRNOTAVAIL: "no local port is left"
        case ENOBUFS, ENOMEM: "no memory is left for it"
        default: error.description
        }
    }
}
