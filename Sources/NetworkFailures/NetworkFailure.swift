internal import NIOCore
internal import NIOPosix
internal import PrintableText

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
        if let problem = TLSProblem(error) { return ConnectionFailure.insecure(problem).inWords }
        switch error {
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first { return inWords(failure.error) }
            return ConnectionFailure.unknownName(error.host).inWords
        case let error as IOError:
            return inWords(error)
        case let error as ChannelError:
            if case .connectTimeout = error { return ConnectionFailure.late.inWords }
            return ConnectionFailure.closed.inWords
        default:
            return ConnectionFailure.other("\(error)").inWords
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
        case ECONNREFUSED: ConnectionFailure.refused.inWords
        case ECONNRESET, EPIPE: ConnectionFailure.reset.inWords
        case ETIMEDOUT: ConnectionFailure.noAnswer.inWords
        case EHOSTUNREACH, ENETUNREACH: ConnectionFailure.noRoute.inWords
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
