import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Why there is no answer, for people.
enum RequestFailure {
    static func inWords(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first { return inWords(failure.error) }
            return "the name \(error.host) cannot be resolved"
        case let error as IOError: return inWords(error)
        case is ChannelError: return "connection closed"
        case let error as HTTPClientError:
            // Never its whole description, which may hold the headers' values and so a token.
            return error == .remoteConnectionClosed ? "connection closed" : error.shortDescription.lowercased()
        case is NIOTooManyBytesError: return "the answer is too long"
        case is NIOSSLError, is BoringSSLError: return "TLS failed: \(error)".replacing("\n", with: " ")
        default: return "\(error)".replacing("\n", with: " ")
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
