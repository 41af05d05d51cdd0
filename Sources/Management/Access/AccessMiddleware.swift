import HTTPTypes
import Hummingbird

/// Lets in who shows a token, or a session that was opened with one, before anything of a request's body is read.
struct AccessMiddleware: RouterMiddleware {
    let door: Door

    /// Whoever asks them.
    private static let openPaths: Set<String> = ["/health", LoginRoutes.loginPath, LoginRoutes.logoutPath]

    func handle(
        _ request: Request,
        context: ManagementContext,
        next: (Request, ManagementContext) async throws -> Response
    ) async throws -> Response {
        if door.isClosed, !Self.openPaths.contains(request.uri.path) {
            if let redirection = try check(request, from: context.origin) { return redirection }
        }
        return try await next(request, context)
    }

    /// - Returns: an answer that leads a person to the login page; nil if the request is let in.
    private func check(_ request: Request, from origin: RequestOrigin) throws(RequestFailure) -> Response? {
        if let authorization = request.headers[.authorization] {
            guard let token = Self.bearerToken(authorization), door.admits(token: token) else {
                throw Self.unauthorized("this token is not one of the management tokens")
            }
            return nil
        }
        if door.admits(session: request.sessionID) {
            guard Self.changesNothing(request.method) || origin == .ownPage else {
                throw RequestFailure(
                    status: .forbidden,
                    message: "with a session, changes are made by this listener's own pages alone; send a token instead"
                )
            }
            return nil
        }
        guard Self.isPersonsRequest(request) else {
            throw Self.unauthorized("management tokens are in use: send one as Authorization: Bearer TOKEN")
        }
        return LoginRoutes.redirectionToLogin(from: request)
    }

    /// RFC 9110 11.1: the scheme's name in any case.
    private static func bearerToken(_ authorization: String) -> String? {
        let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].drop { $0 == " " })
    }

    private static func changesNothing(_ method: HTTPRequest.Method) -> Bool {
        method == .get || method == .head || method == .options
    }

    private static func isPersonsRequest(_ request: Request) -> Bool {
        (request.method == .get || request.method == .head)
            && request.headers[.accept]?.lowercased().contains("text/html") == true
    }

    private static func unauthorized(_ message: String) -> RequestFailure {
        RequestFailure(status: .unauthorized, message: message, headers: [.wwwAuthenticate: "Bearer"])
    }
}
