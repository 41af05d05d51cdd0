import Hummingbird
import NIOCore

/// What people and their tools ask. All of it reads snapshots.
struct OperatorRoutes {
    let replies: OperatorReplies
    let feed: SnapshotFeed

    /// None of these routes has a use for a body; a small one is forgiven.
    static let maximumBodyBytes = 1 << 20

    func add(to router: Router<ManagementContext>) {
        let replies = replies
        get("/api/v1/agents", of: router) { parameters, _ in
            let query = try AgentsQuery(parameters)
            return try OperatorReplies.response(replies.agents(query.map { .page($0) } ?? .all))
        }
        get("/api/v1/buffered_requests", of: router) { _, _ in try OperatorReplies.response(replies.bufferedRequests())
        }
        get("/api/v1/history", of: router) { _, _ in try OperatorReplies.response(replies.lastQuarterHour()) }
        get("/api/v1/events", of: router) { _, _ in try OperatorReplies.response(replies.events()) }
        get("/health", of: router) { _, _ in try OperatorReplies.response(replies.health()) }
        get("/api/v1/openapi.json", of: router) { _, _ in Self.description }
        stream("/api/v1/agents/stream", of: .agents, router)
        stream("/api/v1/buffered_requests/stream", of: .bufferedRequests, router)
    }

    /// The OpenAPI description of all this, `openapi.json`.
    private static let description = Response(
        status: .ok,
        headers: [.contentType: "application/json; charset=utf-8"],
        body: .init(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_json))
    )

    private func get(
        _ path: RouterPath,
        of router: Router<ManagementContext>,
        _ answer: @escaping @Sendable (Parameters, ManagementContext) throws -> Response
    ) {
        router.get(path) { request, context in
            try request.checkAnnouncedBody(maximumBytes: Self.maximumBodyBytes)
            return try answer(request.uri.queryParameters, context)
        }
        router.refuseOtherMethods(at: path, allowed: [.get, .head])
    }

    private func stream(_ path: RouterPath, of topic: FeedTopic, _ router: Router<ManagementContext>) {
        let feed = feed
        get(path, of: router) { _, context in
            try SnapshotStream.response(of: topic, from: feed, for: context)
        }
        // Not by way of GET: that takes a place.
        router.head(path) { _, _ in SnapshotStream.headResponse }
    }
}
