import HTTPTypes
import Hummingbird

extension Request {
    private static var plainCookie: String { "paddler_session" }
    /// Browsers take a cookie of such a name by TLS alone, and from no other host (RFC 6265bis 4.1.3.2).
    private static var hostCookie: String { "__Host-paddler_session" }

    /// What the browser's cookie says, true or not.
    var sessionID: String? { cookies[Self.hostCookie]?.value ?? cookies[Self.plainCookie]?.value }

    /// - Parameter isHTTPS: whether the browser speaks TLS, to whomever.
    static func sessionCookie(isHTTPS: Bool) -> String { isHTTPS ? hostCookie : plainCookie }

    /// As a proxy in front of us says, which speaks TLS to the browser; the word of the one that is nearest to it comes
    /// first. Who lies harms nobody but himself.
    var isForwardedFromHTTPS: Bool {
        let protocols = headers[.xForwardedProto] ?? ""
        return protocols.split(separator: ",").first?.filter { $0 != " " }.lowercased() == "https"
    }
}
