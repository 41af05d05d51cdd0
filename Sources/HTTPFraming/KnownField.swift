// Hot: runs for every field line of a head.

/// Fields that a proxy must understand. Everything else is passed on untouched and never looked at.
public enum KnownField: UInt8, Sendable, CaseIterable {
    case host, connection, keepAlive, proxyConnection, transferEncoding, contentLength, te, trailer, upgrade, expect
    /// `X-Forwarded-For`
    case forwardedFor
    /// `X-Forwarded-Proto`
    case forwardedProto
    /// `X-Forwarded-Host`
    case forwardedHost
    /// `X-Forwarded-Port`
    case forwardedPort
    /// `X-Forwarded-Prefix`
    case forwardedPrefix
    /// `X-Real-IP`
    case realIP
    case forwarded, via, cookie, origin
    /// `Access-Control-Request-Method`: with `Origin`, a browser's question before a request of a page.
    case requestedMethod
    /// `Access-Control-Allow-Origin`: whose pages may read an answer.
    case allowedOrigin
    /// `X-Request-Id`
    case requestID
    /// `X-Conversation-Id`, which makes a llama-server keep generating after its client has left.
    case conversationID
    case authorization, contentType, contentEncoding
    /// `X-Api-Key`
    case apiKey
    /// `X-Paddler-Trace`: asks which upstream answered; see `ReverseProxyConfiguration.traceKeys`.
    case trace
    /// `X-Paddler-Agent`: which upstream is meant, by its agent's name or id, or its address.
    case agent
    /// `X-Paddler-Explain`: asks which upstream answered, and why it was that one.
    case explain
    /// `X-Paddler-Class`: in which class it wants to be served.
    case requestedClass
    /// `X-Paddler-Upstream`: which upstream answered.
    case chosenUpstream
    /// `X-Paddler-Reason`: why it was that one.
    case choiceReason
    /// `traceparent`: of which trace the request is a part (W3C Trace Context 3.2).
    case traceParent
    /// `HTTP2-Settings`
    case http2Settings
    /// A field that is none of the above and that an option of `Connection` names.
    ///
    /// The fields above keep their own meaning if `Connection` names them: or else a client could have `Host`,
    /// `Content-Length` or the `X-Forwarded-For` of the proxy before us taken out of its message.
    case nominated

    /// Field names are case-insensitive, RFC 9110 5.1.
    ///
    /// - Parameter name: without control characters.
    init?(_ bytes: Span<UInt8>, _ name: Range<Int>) {
        switch name.count {
        case 2 where bytes.equalsIgnoringCase(name, "te"): self = .te
        case 3 where bytes.equalsIgnoringCase(name, "via"): self = .via
        case 4 where bytes.equalsIgnoringCase(name, "host"): self = .host
        case 6 where bytes.equalsIgnoringCase(name, "expect"): self = .expect
        case 6 where bytes.equalsIgnoringCase(name, "cookie"): self = .cookie
        case 6 where bytes.equalsIgnoringCase(name, "origin"): self = .origin
        case 7 where bytes.equalsIgnoringCase(name, "trailer"): self = .trailer
        case 7 where bytes.equalsIgnoringCase(name, "upgrade"): self = .upgrade
        case 9 where bytes.equalsIgnoringCase(name, "x-api-key"): self = .apiKey
        case 9 where bytes.equalsIgnoringCase(name, "x-real-ip"): self = .realIP
        case 9 where bytes.equalsIgnoringCase(name, "forwarded"): self = .forwarded
        case 10 where bytes.equalsIgnoringCase(name, "connection"): self = .connection
        case 10 where bytes.equalsIgnoringCase(name, "keep-alive"): self = .keepAlive
        case 11 where bytes.equalsIgnoringCase(name, "traceparent"): self = .traceParent
        case 12 where bytes.equalsIgnoringCase(name, "content-type"): self = .contentType
        case 12 where bytes.equalsIgnoringCase(name, "x-request-id"): self = .requestID
        case 13 where bytes.equalsIgnoringCase(name, "authorization"): self = .authorization
        case 14 where bytes.equalsIgnoringCase(name, "content-length"): self = .contentLength
        case 14 where bytes.equalsIgnoringCase(name, "http2-settings"): self = .http2Settings
        case 15 where bytes.equalsIgnoringCase(name, "x-forwarded-for"): self = .forwardedFor
        case 15 where bytes.equalsIgnoringCase(name, "x-paddler-trace"): self = .trace
        case 15 where bytes.equalsIgnoringCase(name, "x-paddler-agent"): self = .agent
        case 15 where bytes.equalsIgnoringCase(name, "x-paddler-class"): self = .requestedClass
        case 16 where bytes.equalsIgnoringCase(name, "proxy-connection"): self = .proxyConnection
        case 16 where bytes.equalsIgnoringCase(name, "x-forwarded-host"): self = .forwardedHost
        case 16 where bytes.equalsIgnoringCase(name, "x-forwarded-port"): self = .forwardedPort
        case 16 where bytes.equalsIgnoringCase(name, "content-encoding"): self = .contentEncoding
        case 16 where bytes.equalsIgnoringCase(name, "x-paddler-reason"): self = .choiceReason
        case 17 where bytes.equalsIgnoringCase(name, "transfer-encoding"): self = .transferEncoding
        case 17 where bytes.equalsIgnoringCase(name, "x-forwarded-proto"): self = .forwardedProto
        case 17 where bytes.equalsIgnoringCase(name, "x-conversation-id"): self = .conversationID
        case 17 where bytes.equalsIgnoringCase(name, "x-paddler-explain"): self = .explain
        case 18 where bytes.equalsIgnoringCase(name, "x-paddler-upstream"): self = .chosenUpstream
        case 18 where bytes.equalsIgnoringCase(name, "x-forwarded-prefix"): self = .forwardedPrefix
        case 27 where bytes.equalsIgnoringCase(name, "access-control-allow-origin"): self = .allowedOrigin
        case 29 where bytes.equalsIgnoringCase(name, "access-control-request-method"): self = .requestedMethod
        default: return nil
        }
    }
}
