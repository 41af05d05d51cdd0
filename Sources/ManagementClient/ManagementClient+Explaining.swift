#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A request that the balancer is asked about.
public struct ExplainedRequest: Sendable {
    public var path: String
    public var body: [UInt8]
    /// As in `X-Session-Id`.
    public var session: String?
    /// As in `X-Paddler-Agent`.
    public var agent: String?
    /// Whose it is taken for; nil: nobody's in particular.
    public var tenant: String?
    /// As in `X-Paddler-Class`.
    public var requestedClass: String?
    /// How many servers are wanted at most.
    public var limit: Int

    public init(
        path: String,
        body: [UInt8],
        session: String? = nil,
        agent: String? = nil,
        tenant: String? = nil,
        requestedClass: String? = nil,
        limit: Int = 100
    ) {
        self.path = path
        self.body = body
        self.session = session
        self.agent = agent
        self.tenant = tenant
        self.requestedClass = requestedClass
        self.limit = limit
    }

    /// More is refused.
    public static let mostBytes = 16 << 20
}

extension ManagementClient {
    /// What would become of a request now.
    ///
    /// - Returns: the balancer's JSON, and the same read.
    public func explain(
        _ request: ExplainedRequest
    ) async throws(ManagementClientError) -> (json: [UInt8], document: ExplanationDocument) {
        var headers = [(name: "content-type", value: "application/json")]
        if let session = request.session { headers.append((name: "x-session-id", value: session)) }
        if let agent = request.agent { headers.append((name: "x-paddler-agent", value: agent)) }
        if let name = request.requestedClass { headers.append((name: "x-paddler-class", value: name)) }
        let tenant = request.tenant.map { "&tenant=\(PathSegment.encoded($0))" } ?? ""
        let body = try await ask(
            "POST",
            "/api/v1/explain?path=\(PathSegment.encoded(request.path))&limit=\(request.limit)\(tenant)",
            headers: headers,
            body: request.body
        )
        guard let document = try? JSONDecoder().decode(ExplanationDocument.self, from: Data(body)) else {
            throw .garbled(balancer.url)
        }
        return (body, document)
    }
}
