import HTTPTypes

/// Whether a request may have come from where it says: what pages of other sites have a browser send is refused, whoever
/// the browser's user is and whether tokens are in use or not.
///
/// Nothing here keeps a program out. It is the reader of any page in the world, on a machine that reaches the listener, whose
/// browser must not be a way in: registering a server is enough to receive everybody's prompts.
struct RequestAdmission: Sendable {
    let names: AnsweredNames
    let origins: AllowedOrigins

    /// - Parameters:
    ///   - head: of the request.
    ///   - forwardedHost: what a proxy that is trusted says the browser asked for; nil: there is none.
    /// - Returns: who made the request.
    /// - Throws: why it isn't served.
    func admit(_ head: HTTPRequest, forwardedHost: String? = nil) throws(RequestFailure) -> RequestOrigin {
        let authorities = [head.authority, forwardedHost].compactMap { $0 }
        let isBrowser = Self.isFromBrowser(head)
        if let name = authorities.first(where: { !names.contains($0, isBrowser: isBrowser) }) {
            throw Self.unknownName(name)
        }
        let origin = RequestOrigin(head, authorities: authorities, allowed: origins)
        guard origin != .foreignPage || Self.isNavigation(head) else { throw Self.foreignPage(head, authorities) }
        try Self.checkType(head)
        return origin
    }

    /// Every browser names languages, or itself, with each request; no agent, scraper or command line tool does without
    /// being told to.
    static func isFromBrowser(_ head: HTTPRequest) -> Bool {
        let marks: [HTTPField.Name] = [.origin, .secFetchSite, .acceptLanguage, .referer]
        return marks.contains { head.headerFields.contains($0) }
            || head.headerFields[.userAgent]?.hasPrefix("Mozilla/") == true
    }

    /// A person follows a link on another site's page: that page sees nothing of the answer.
    private static func isNavigation(_ head: HTTPRequest) -> Bool {
        (head.method == .get || head.method == .head) && head.headerFields[.secFetchMode] == "navigate"
            && head.headerFields[.secFetchDest] == "document"
    }

    // MARK: - Bodies

    /// A page of another site can send a few types without asking first; JSON is none of them. Agents of Paddler 1.x name no
    /// type.
    private static func checkType(_ head: HTTPRequest) throws(RequestFailure) {
        guard head.method == .post, let type = head.headerFields[.contentType], hasBody(head),
            !LoginRoutes.takesForm(path: head.path ?? "")
        else { return }
        let name = type.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard name.hasPrefix("application/"), name.hasSuffix("json") else {
            throw RequestFailure(
                status: .unsupportedMediaType,
                message: "the body is said to be \(name.prefix(100)): send it as Content-Type: application/json"
            )
        }
    }

    private static func hasBody(_ head: HTTPRequest) -> Bool {
        head.headerFields.contains(.transferEncoding) || head.headerFields[.contentLength].map { $0 != "0" } == true
    }

    // MARK: - Refusals

    private static func unknownName(_ name: String) -> RequestFailure {
        let host = AnsweredNames.host(of: String(name.prefix(300)))
        return RequestFailure(
            status: .forbidden,
            message: "this listener isn't known as \"\(host)\", and any site's page can have its name point here: "
                + "use the listener's address, or start the balancer with --management-allowed-host \(host) "
                + "or with --management-token"
        )
    }

    private static func foreignPage(_ head: HTTPRequest, _ authorities: [String]) -> RequestFailure {
        var message = "another site's page made this request"
        if let origin = head.headerFields[.origin], head.headerFields[.secFetchSite] == nil {
            message += ": its origin is \(origin.prefix(300)), and this listener was asked for as "
            message += authorities.map { String($0.prefix(300)) }.joined(separator: " and ")
            message += "; a proxy in front must pass Host on, or send X-Forwarded-Host and be one of --trusted-proxies"
        }
        return RequestFailure(status: .forbidden, message: message)
    }
}
