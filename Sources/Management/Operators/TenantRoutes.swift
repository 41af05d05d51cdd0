import Hummingbird
import RequestRecords

/// `GET /api/v1/tenants`: who uses the fleet now, and who waits for it.
struct TenantRoutes {
    let standings: @Sendable () async -> TenantStandings

    static let path = "/api/v1/tenants"

    func add(to router: Router<ManagementContext>) {
        router.get(RouterPath(Self.path)) { request, _ in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            return try OperatorReplies.response(TenantsReply(await standings()))
        }
        router.refuseOtherMethods(at: RouterPath(Self.path), allowed: [.get, .head])
    }
}
