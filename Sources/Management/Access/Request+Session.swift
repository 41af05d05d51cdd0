import Hummingbird

extension Request {
    static var sessionCookie: String { "paddler_session" }

    /// What the browser's cookie says, true or not.
    var sessionID: String? { cookies[Self.sessionCookie]?.value }
}
