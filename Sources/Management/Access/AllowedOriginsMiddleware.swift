import HTTPTypes
import Hummingbird

/// Lets pages of the allowed origins use the API (Cross-Origin Resource Sharing), and no others.
///
/// Hummingbird's own middleware allows one origin or all of them.
struct AllowedOriginsMiddleware: RouterMiddleware {
    let origins: AllowedOrigins

    func handle(
        _ request: Request,
        context: ManagementContext,
        next: (Request, ManagementContext) async throws -> Response
    ) async throws -> Response {
        guard !origins.isEmpty else { return try await next(request, context) }
        let origin = request.headers[.origin].flatMap { origins.contains($0) ? $0 : nil }
        var response: Response
        if origin != nil, request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            // Browsers send no token with a preflight.
            response = Response(status: .noContent, headers: Self.preflightHeaders)
        } else {
            response = try await next(request, context)
        }
        response.headers[.accessControlAllowOrigin] = origin
        // Whatever the origin: a cache must not give one page's answer to another.
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        return response
    }

    private static let preflightHeaders: HTTPFields = [
        .accessControlAllowMethods: "GET, POST, OPTIONS",
        .accessControlAllowHeaders: "Accept, Authorization, Content-Type",
        .accessControlMaxAge: "3600",
    ]
}
