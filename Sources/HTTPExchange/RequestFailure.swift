internal import AsyncHTTPClient
internal import NIOCore
internal import NetworkFailures

/// Why there is no answer, for people.
package enum RequestFailure {
    /// One line.
    package static func inWords(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError:
            // Never its whole description, which may hold the headers' values and so a key.
            error == .remoteConnectionClosed ? "connection closed" : error.shortDescription.lowercased()
        case is NIOTooManyBytesError: "the answer is too long"
        default: NetworkFailure.inWords(error)
        }
    }
}
