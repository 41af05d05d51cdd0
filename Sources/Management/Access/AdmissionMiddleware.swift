import HTTPTypes
import Hummingbird

/// Refuses what other sites' pages send, before anything else looks at a request, and tells the rest who asks.
struct AdmissionMiddleware: RouterMiddleware {
    let admission: RequestAdmission

    func handle(
        _ request: Request,
        context: ManagementContext,
        next: (Request, ManagementContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.origin = try admission.admit(request.head)
        return try await next(request, context)
    }
}
