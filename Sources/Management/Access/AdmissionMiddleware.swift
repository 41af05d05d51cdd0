import AccessControl
import HTTPTypes
import Hummingbird
import NIOCore

/// Refuses what other sites' pages send, before anything else looks at a request, and tells the rest who asks.
struct AdmissionMiddleware: RouterMiddleware {
    let admission: RequestAdmission
    let trustedProxies: TrustedProxies?
    let log: AccessLog

    func handle(
        _ request: Request,
        context: ManagementContext,
        next: (Request, ManagementContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.peer = Peer(request.head, at: IPAddress(of: context.channel), trusted: trustedProxies)
        do {
            context.origin = try admission.admit(request.head, forwardedHost: context.peer.host)
        } catch {
            log.refusedPage()
            throw error
        }
        return try await next(request, context)
    }
}

extension IPAddress {
    /// At the other end.
    init?(of channel: any Channel) {
        guard let text = channel.remoteAddress?.ipAddress else { return nil }
        self.init(text)
    }
}
