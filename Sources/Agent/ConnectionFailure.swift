import AsyncHTTPClient
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Why there is no connection or no answer, for people.
enum ConnectionFailure {
    static func inWords(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first { return inWords(failure.error) }
            return "the name \(error.host) cannot be resolved"
        case let error as IOError:
            return inWords(error)
        case let error as ChannelError:
            if case .connectTimeout = error { return "no connection in time" }
            return "connection closed"
        case let error as HTTPClientError:
            // Never its whole description, which may hold the headers' values and so the key.
            return error == .remoteConnectionClosed ? "connection closed" : error.shortDescription.lowercased()
        case is NIOTooManyBytesError:
            return "the answer is too long"
        default:
            return "\(error)"
        }
    }

    private static func inWords(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "connection reset"
        case ETIMEDOUT: "no answer from the machine"
        case EHOSTUNREACH, ENETUNREACH: "no route to the machine"
        default: error.description
        }
    }
}
