import Agent
import Foundation
import PrintableText

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension TransportFailure {
    /// - Parameter host: whom it was tried to reach.
    init(_ error: any Error, asking host: String?) {
        self = .connection(Self.reason(error, host))
    }

    private static func reason(_ error: any Error, _ host: String?) -> ConnectionFailure {
        let words = (error as NSError).userInfo[NSLocalizedDescriptionKey] as? String ?? error.localizedDescription
        switch (error as? URLError)?.code {
        case .cannotConnectToHost?: return .refused
        case .cannotFindHost?, .dnsLookupFailed?: return .unknownName(host ?? "")
        case .networkConnectionLost?: return .reset
        case .timedOut?: return .late
        case .notConnectedToInternet?: return .noRoute
        case .badServerResponse?, .cancelled?: return .closed
        case .serverCertificateUntrusted?, .serverCertificateHasUnknownRoot?, .serverCertificateHasBadDate?,
            .serverCertificateNotYetValid?:
            return .insecure(.distrust)
        case .secureConnectionFailed?: return .insecure(.other(words))
        default: return reason(inWords: words)
        }
    }

    /// On Linux and Windows, URLSession has a code for few of libcurl's reasons, and for the others its words.
    private static func reason(inWords words: String) -> ConnectionFailure {
        let text = words.lowercased()
        if text.contains("certificate") { return .insecure(.distrust) }
        if ["wrong version number", "packet length too long", "http_request"].contains(where: text.contains) {
            return .insecure(.noTLS)
        }
        if text.contains("ssl") || text.contains("schannel") { return .insecure(.other(words)) }
        if text.contains("reset") { return .reset }
        if text.contains("transfer closed") || text.contains("end of response") { return .closed }
        return .other(words.prefix(1).lowercased() + words.dropFirst())
    }
}
