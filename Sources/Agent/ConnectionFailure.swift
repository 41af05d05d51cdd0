import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

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
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return "no secure connection: \(tlsReason("\(error)"))"
        default:
            return "\(error)"
        }
    }

    /// Whether somebody is there to say that nobody listens.
    static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case let error as NIOConnectionError:
            !error.connectionErrors.isEmpty && error.connectionErrors.allSatisfy { isRefusal($0.error) }
        case let error as IOError:
            error.errnoCode == ECONNREFUSED
        default:
            false
        }
    }

    /// What an operator can do about it.
    static func hint(_ error: any Error) -> String? {
        switch error {
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            let text = "\(error)"
            if isDistrust(text) { return "see whether the agent has to be told of another certificate authority" }
            return isNoTLS(text) ? "see whether there is to be TLS on this address" : nil
        default:
            return nil
        }
    }

    private static func tlsReason(_ text: String) -> String {
        if isNoTLS(text) { return "the other side speaks no TLS" }
        if isDistrust(text) { return "its certificate is not to be trusted" }
        return text
    }

    private static func isDistrust(_ text: String) -> Bool {
        text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("failedToValidateHostname")
    }

    private static func isNoTLS(_ text: String) -> Bool {
        text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST")
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
