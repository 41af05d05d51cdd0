import HTTPTypes

/// Who had a browser make a request, as the browser says.
enum RequestOrigin: Equatable, Sendable {
    /// One of our own pages, or a person who typed the address.
    case ownPage
    /// A page whose origin the operator allows to use the API.
    case allowedPage
    case foreignPage
    /// A program, or a browser that doesn't say.
    case unknown

    /// - Parameters:
    ///   - head: of the request.
    ///   - authorities: by which the browser may have known us: `Host`, and what a proxy in front says that it was.
    ///   - allowed: origins whose pages may use the API.
    init(_ head: HTTPRequest, authorities: [String], allowed: AllowedOrigins) {
        let site = head.headerFields[.secFetchSite]
        guard let origin = head.headerFields[.origin] else {
            // "none" is the person, not a page.
            self = site.map { $0 == "same-origin" || $0 == "none" ? .ownPage : .foreignPage } ?? .unknown
            return
        }
        // No page can set this field. It holds whatever a proxy in front makes of Host.
        let isOwn = site.map { $0 == "same-origin" } ?? false
        if isOwn || (site == nil || site == "none") && Self.isOwn(origin, authorities) {
            self = .ownPage
        } else {
            self = allowed.contains(origin) ? .allowedPage : .foreignPage
        }
    }

    private static func isOwn(_ origin: String, _ authorities: [String]) -> Bool {
        authorities.contains { origin == "http://\($0)" || origin == "https://\($0)" }
    }
}

extension HTTPField.Name {
    // Fetch Metadata, W3C: what a browser says of a request, and no page can change.
    static let secFetchSite = Self("Sec-Fetch-Site")!
    static let secFetchMode = Self("Sec-Fetch-Mode")!
    static let secFetchDest = Self("Sec-Fetch-Dest")!
}
