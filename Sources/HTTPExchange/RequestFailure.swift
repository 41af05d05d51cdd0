internal import AsyncHTTPClient
internal import NIOCore
internal import NetworkFailures
internal import PrintableText

/// Why there is no answer, for people.
package enum RequestFailure {
    /// One line.
    package static func inWords(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError:
            // Never its whole description, which may hold the headers' values and so a key.
            error == .remoteConnectionClosed ? ConnectionFailure.closed.inWords : error.shortDescription.lowercased()
        case is NIOTooManyBytesError: ConnectionFailure.answerTooLong.inWords
        default: NetworkFailure.inWords(error)
        }
    }
}
