import Agent
import AsyncHTTPClient
import HTTPExchange
import NetworkFailures
import PrintableText

extension TransportFailure {
    init(_ error: any Error) {
        switch error {
        case let failure as TransportFailure:
            self = failure
        case let error as HTTPClientError where error == .deadlineExceeded:
            self = .late
        case let error as HTTPClientError where Self.timeouts.contains(error):
            self = .connection(.late)
        case _ where NetworkFailure.isRefusal(error):
            self = .connection(.refused)
        default:
            let problem = TLSProblem(error).map { ConnectionFailure.insecure($0) }
            self = .connection(problem ?? .other(RequestFailure.inWords(error)))
        }
    }

    private static let timeouts: [HTTPClientError] = [.readTimeout, .connectTimeout, .getConnectionFromPoolTimeout]
}
