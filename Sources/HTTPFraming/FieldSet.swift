/// Known fields to leave out when a head is passed on.
public struct FieldSet: OptionSet, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public init(_ field: KnownField) {
        rawValue = 1 << UInt64(field.rawValue)
    }

    /// What ends at this hop, RFC 9110 7.6.1, but `Transfer-Encoding`, which stays true for who passes the body's bytes
    /// on as they came; see `framing`. (`HTTP2-Settings`: RFC 7540 3.2.1.)
    public static let hopByHop: FieldSet = [
        .connection, .keepAlive, .proxyConnection, .te, .upgrade, .http2Settings, .nominated,
    ]
    /// What describes how the body is cut up. To be left out by who cuts it up anew and says so itself.
    public static let framing: FieldSet = [.transferEncoding, .contentLength, .trailer]

    /// What proxies say of the client that is behind them.
    public static let forwarding: FieldSet = [
        .forwardedFor, .forwardedProto, FieldSet(.forwardedHost), FieldSet(.forwardedPort), FieldSet(.forwardedPrefix),
        FieldSet(.realIP), FieldSet(.forwarded),
    ]

    public static let host = FieldSet(.host)
    public static let connection = FieldSet(.connection)
    public static let keepAlive = FieldSet(.keepAlive)
    public static let proxyConnection = FieldSet(.proxyConnection)
    public static let transferEncoding = FieldSet(.transferEncoding)
    public static let contentLength = FieldSet(.contentLength)
    public static let te = FieldSet(.te)
    public static let trailer = FieldSet(.trailer)
    public static let upgrade = FieldSet(.upgrade)
    public static let expect = FieldSet(.expect)
    public static let forwardedFor = FieldSet(.forwardedFor)
    public static let forwardedProto = FieldSet(.forwardedProto)
    public static let cookie = FieldSet(.cookie)
    public static let requestID = FieldSet(.requestID)
    public static let conversationID = FieldSet(.conversationID)
    public static let authorization = FieldSet(.authorization)
    public static let apiKey = FieldSet(.apiKey)
    public static let trace = FieldSet(.trace)
    public static let agent = FieldSet(.agent)
    public static let explain = FieldSet(.explain)
    public static let requestedClass = FieldSet(.requestedClass)
    public static let chosenUpstream = FieldSet(.chosenUpstream)
    public static let choiceReason = FieldSet(.choiceReason)
    public static let contentType = FieldSet(.contentType)
    public static let contentEncoding = FieldSet(.contentEncoding)
    public static let traceParent = FieldSet(.traceParent)
    public static let http2Settings = FieldSet(.http2Settings)
    public static let nominated = FieldSet(.nominated)
}
