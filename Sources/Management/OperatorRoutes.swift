import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What people and their tools ask. All of it reads snapshots.
struct OperatorRoutes {
    let fleet: any FleetControl
    let version: String

    func add(to router: Router<ManagementContext>) {
        get("/api/v1/agents", of: router) { AgentsReply(fleet.snapshot(), at: .now) }
        get("/api/v1/buffered_requests", of: router) { BufferedRequestsReply(fleet.snapshot()) }
        get("/health", of: router) { HealthReply(fleet.snapshot(), version: version) }
    }

    /// None of these routes has a use for a body; a small one is forgiven.
    static let maximumBodyBytes = 1 << 20

    private func get(
        _ path: RouterPath,
        of router: Router<ManagementContext>,
        _ reply: @escaping @Sendable () -> any Encodable
    ) {
        router.get(path) { request, _ in
            try request.checkAnnouncedBody(maximumBytes: Self.maximumBodyBytes)
            return try Self.json(reply())
        }
        router.refuseOtherMethods(at: path, allowed: [.get, .head])
    }

    private static func json(_ reply: any Encodable) throws -> Response {
        let encoder = JSONEncoder()
        // The same question gets the same bytes: kind to people who compare and to tests.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Response(
            status: .ok,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(reply)))
        )
    }
}
