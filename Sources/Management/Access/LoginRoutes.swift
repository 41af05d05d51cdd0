import FleetMetrics
import HTTPTypes
import Hummingbird
import NIOCore

/// Where people with a browser show a token, and take it back.
struct LoginRoutes {
    static let loginPath = "/login"
    static let logoutPath = "/logout"
    private static let login = LocalPath("/login" as StaticString)
    /// A token, where to go next, and the form's names for them.
    private static let maximumFormBytes = 8 * 1024

    let door: Door
    let log: AccessLog
    /// Whether the listener itself does.
    let speaksTLS: Bool
    /// Where a browser goes that came from nowhere in particular.
    var landing = LocalPath("/api/v1/agents" as StaticString)

    func add(to router: Router<ManagementContext>) {
        let login = RouterPath(Self.loginPath)
        router.get(login) { request, _ in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            return Self.page(next: next(of: request), status: .ok)
        }
        router.post(login) { request, context in try await logIn(request, context) }
        router.refuseOtherMethods(at: login, allowed: [.get, .head, .post])

        let logout = RouterPath(Self.logoutPath)
        router.post(logout) { request, context in try logOut(request, from: context.origin) }
        router.refuseOtherMethods(at: logout, allowed: [.post])
    }

    /// Whether a form is what is sent there, and not JSON.
    static func takesForm(path: String) -> Bool {
        let path = path.prefix { $0 != "?" }
        return path == loginPath || path == logoutPath
    }

    /// To the login page, and from there back to where this request was to go.
    static func redirectionToLogin(from request: Request) -> Response {
        guard let path = LocalPath(request.head.path ?? ""), path.text != "/" else {
            return redirection(to: login.reference(from: request.head.path ?? "/"))
        }
        return redirection(to: "\(login.reference(from: path.text))?next=\(encoded(path))")
    }

    // MARK: - In and out

    private struct Form: Decodable {
        var token: String?
        var next: String?
    }

    private func logIn(_ request: Request, _ context: ManagementContext) async throws -> Response {
        let body = try await request.boundedBody(maximumBytes: Self.maximumFormBytes)
        guard let form = try? URLEncodedFormDecoder().decode(Form.self, from: String(decoding: body, as: UTF8.self))
        else { throw RequestFailure.badRequest("the body is not a form of the login page") }
        let next = form.next.flatMap { LocalPath($0) } ?? landing
        guard let token = form.token, let session = door.openSession(token: token) else {
            try await log.refused(.login, from: context.peer)
            return Self.page(next: next, isRefused: true, status: .unauthorized)
        }
        log.loggedIn(context.peer)
        var response = Self.redirection(to: next.reference(from: Self.loginPath))
        response.headers[.setCookie] = cookie(session, lifetime: Sessions.lifetime, for: request)
        return response
    }

    private func logOut(_ request: Request, from origin: RequestOrigin) throws(RequestFailure) -> Response {
        guard origin == .ownPage else {
            throw RequestFailure(status: .forbidden, message: "no page of this listener made this request")
        }
        if let session = request.sessionID { door.closeSession(session) }
        var response = Self.redirection(to: Self.login.reference(from: Self.logoutPath))
        response.headers[.setCookie] = cookie("", lifetime: .zero, for: request)
        return response
    }

    // MARK: - Answers

    private static func page(next: LocalPath, isRefused: Bool = false, status: HTTPResponse.Status) -> Response {
        let page = LoginPage(next: next, isRefused: isRefused, nonce: Door.randomID())
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            .cacheControl: "no-store",
            .contentSecurityPolicy: page.contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
        ]
        // "no-referrer" would have browsers send the form with the origin "null".
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "same-origin" }
        if isRefused { headers[.wwwAuthenticate] = "Bearer" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: page.html)))
    }

    /// - Parameter location: a reference to a path on this server.
    private static func redirection(to location: String) -> Response {
        Response(status: .seeOther, headers: [.location: location, .cacheControl: "no-store"])
    }

    private func cookie(_ value: String, lifetime: Duration, for request: Request) -> String {
        let isHTTPS = speaksTLS || request.isForwardedFromHTTPS
        var text = "\(Request.sessionCookie(isHTTPS: isHTTPS))=\(value); Path=/; Max-Age=\(lifetime.components.seconds)"
        text += "; HttpOnly; SameSite=Strict"
        // Over plain HTTP a browser would not take it.
        if isHTTPS { text += "; Secure" }
        return text
    }

    private func next(of request: Request) -> LocalPath {
        request.uri.queryParameters["next"].flatMap { LocalPath(String($0)) } ?? landing
    }

    /// As the value of a query's parameter. What a ``LocalPath`` may hold stands for itself there, but for these.
    private static func encoded(_ path: LocalPath) -> String {
        path.text.replacing("%", with: "%25").replacing("&", with: "%26").replacing("+", with: "%2B")
            .replacing("=", with: "%3D")
    }
}
