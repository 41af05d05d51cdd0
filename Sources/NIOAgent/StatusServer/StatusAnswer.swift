import LlamaServer
import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the status server answers: a value.
struct StatusAnswer: Equatable, Sendable {
    let status: HTTPResponseStatus
    let contentType: String
    var allowedMethods: String?
    let body: [UInt8]

    /// - Parameter overview: its JSON, asked for when it is wanted.
    init(to request: HTTPRequestHead, overview: () -> [UInt8]) {
        switch (request.uri.prefix { $0 != "?" }, request.method) {
        case ("/health", _):
            // As 0.10's agent: whatever the method, and whatever it sees.
            self.init(.ok, "text/plain", Array("OK".utf8))
        case ("/api/v1/status", .GET), ("/api/v1/status", .HEAD):
            self.init(.ok, Self.json, overview())
        case ("/api/v1/status", _):
            self.init(.methodNotAllowed, "only GET is allowed here", type: "invalid_request_error")
            allowedMethods = "GET, HEAD"
        default:
            self.init(
                .notFound,
                "an agent answers GET /health and GET /api/v1/status; everything else is the balancer's",
                type: "not_found_error"
            )
        }
    }

    private static let json = "application/json; charset=utf-8"

    private init(_ status: HTTPResponseStatus, _ contentType: String, _ body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    private init(_ status: HTTPResponseStatus, _ message: String, type: String) {
        self.init(status, Self.json, ErrorBody(code: Int(status.code), message: message, type: type).json)
    }
}
