import HTTPTypes
import Hummingbird
import Scheduling

/// Where operators ask what would become of a request. It is sent nowhere, and nothing is counted.
struct ExplainRoutes {
    let fleet: any FleetControl

    static let path = "/api/v1/explain"
    /// In bytes. Whoever asks with more learns as much from less.
    static let maximumBodyBytes = 16 << 20
    private static let standardPath = "/v1/chat/completions"
    private static let standardLimit = 100

    func add(to router: Router<ManagementContext>) {
        router.post(RouterPath(Self.path)) { request, _ in
            let query = request.uri.queryParameters
            let path = String(query["path"].map { $0.prefix { $0 != "?" } } ?? Self.standardPath[...])
            guard path.hasPrefix("/") else { throw RequestFailure.badRequest("path= must begin with a slash") }
            let limit = try Self.limit(query["limit"].map(String.init))
            let asked = AskedRequest(
                path: path,
                body: try await request.boundedBody(maximumBytes: Self.maximumBodyBytes),
                session: Self.field("X-Session-Id", of: request) ?? Self.field("X-Conversation-Id", of: request),
                agent: Self.field("X-Paddler-Agent", of: request)
            )
            guard let explanation = fleet.explain(asked, limit: limit) else {
                throw RequestFailure.badRequest(
                    "a POST to \(path.prefix(200)) takes no slot: the least busy server gets it, or the one that it is about"
                )
            }
            return try OperatorReplies.response(ExplanationReply(explanation, path: path))
        }
        router.refuseOtherMethods(at: RouterPath(Self.path), allowed: [.post])
    }

    private static func limit(_ text: String?) throws(RequestFailure) -> Int {
        guard let text else { return standardLimit }
        guard let limit = Int(text), 1...Explanation.mostUpstreams ~= limit else {
            throw .badRequest("limit= must be a number from 1 to \(Explanation.mostUpstreams)")
        }
        return limit
    }

    private static func field(_ name: String, of request: Request) -> String? {
        HTTPField.Name(name).flatMap { request.headers[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
