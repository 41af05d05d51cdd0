import AgentProtocol
import FleetMetrics
import HTTPTypes
import Hummingbird

/// Lets in who shows a token, a session that was opened with one, or a certificate, before anything of a request's body is read.
struct AccessMiddleware: RouterMiddleware {
    let door: Door
    let log: AccessLog
    let connections: ManagementConnections

    /// Whoever asks them.
    private static let openPaths: Set<String> = ["/health", LoginRoutes.loginPath, LoginRoutes.logoutPath]

    func handle(
        _ request: Request,
        context: ManagementContext,
        next: (Request, ManagementContext) async throws -> Response
    ) async throws -> Response {
        guard !Self.openPaths.contains(request.uri.path) else { return try await next(request, context) }
        var context = context
        if door.isClosed {
            switch try await admit(request, context) {
            case .redirected(let response): return response
            case .admitted(let caller): context.caller = caller
            }
        }
        connections.admitted(context.channel, with: context.caller.credential)
        return try await next(request, context)
    }

    private enum Outcome {
        case admitted(Caller)
        /// A person is led to the login page.
        case redirected(Response)
    }

    private func admit(_ request: Request, _ context: ManagementContext) async throws -> Outcome {
        if let caller = certified(request, context) { return .admitted(caller) }
        if door.hasTokens, let authorization = request.headers[.authorization] {
            let credential = Self.bearerToken(authorization).map { Credential.token(Array($0.utf8)) }
            guard let credential, let permission = door.permission(of: credential) else {
                try await log.refused(.token, from: context.peer)
                throw Self.unauthorized("this token is not one of the management tokens")
            }
            return .admitted(try Self.check(request, Caller(credential: credential, permission: permission)))
        }
        if let id = request.sessionID, let permission = door.permission(of: .session(id)) {
            guard Self.changesNothing(request.method) || context.origin == .ownPage else {
                throw RequestFailure(
                    status: .forbidden,
                    message: "with a session, changes are made by this listener's own pages alone; send a token instead"
                )
            }
            return .admitted(try Self.check(request, Caller(credential: .session(id), permission: permission)))
        }
        if let permission = door.permissionOfAnybody {
            let caller = Caller(permission: permission)
            if Self.isAgents(request), permission == .reading {
                log.refusedAgent(from: context.peer, door)
                throw Self.uncertified
            }
            return .admitted(try Self.check(request, caller))
        }
        guard Self.isPersonsRequest(request) else {
            if Self.isAgents(request) { log.refusedAgent(from: context.peer, door) }
            throw Self.unauthorized(
                "management tokens are in use: send one as Authorization: Bearer TOKEN"
                    + (door.takesCertificates ? ", or show a certificate" : "")
            )
        }
        return .redirected(LoginRoutes.redirectionToLogin(from: request))
    }

    /// Who has shown a certificate. A browser shows it whoever's page has it ask, so that for changes it counts on this
    /// listener's own pages alone.
    private func certified(_ request: Request, _ context: ManagementContext) -> Caller? {
        guard door.takesCertificates, let certificate = connections.certificate(of: context.channel),
            let permission = door.permission(of: .certificate(certificate))
        else { return nil }
        let mayChange =
            switch context.origin {
            case .ownPage: true
            case .unknown: !RequestAdmission.isFromBrowser(request.head)
            case .allowedPage, .foreignPage: false
            }
        guard mayChange || Self.changesNothing(request.method) else { return nil }
        return Caller(credential: .certificate(certificate), permission: permission)
    }

    private static let uncertified = RequestFailure(
        status: .forbidden,
        message:
            "this listener takes agents and changes from those alone who show a certificate of one of its authorities "
            + "(its --management-client-ca): show one by --management-cert and --management-key"
    )

    private static func check(_ request: Request, _ caller: Caller) throws(RequestFailure) -> Caller {
        guard
            caller.permission == .everything || changesNothing(request.method)
                // A question, although it has a body.
                || request.uri.path == ExplainRoutes.path
        else {
            guard caller.credential != nil else { throw uncertified }
            throw RequestFailure(
                status: .forbidden,
                message: "this token may read and change nothing: it is a --management-read-token"
            )
        }
        return caller
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

    /// Whether it is where agents report, of whatever version.
    private static func isAgents(_ request: Request) -> Bool {
        let path = request.uri.path
        return request.method == .post
            && (path == TargetRegistration.path || path.hasSuffix("/connection") || path.contains("/connections/")
                || StatusUpdate.pathPrefixes.contains { path.hasPrefix("\($0)/") })
    }

    private static func isPersonsRequest(_ request: Request) -> Bool {
        (request.method == .get || request.method == .head)
            && request.headers[.accept]?.lowercased().contains("text/html") == true
    }

    private static func unauthorized(_ message: String) -> RequestFailure {
        RequestFailure(status: .unauthorized, message: message, headers: [.wwwAuthenticate: "Bearer"])
    }
}
