/// The methods of RFC 9110 9.3 and PATCH (RFC 5789). Any other token is legal too: `other`, whose name is in the head.
public enum RequestMethod: Sendable {
    case get, head, post, put, delete, options, patch, trace, connect, other

    /// Method names are case-sensitive, RFC 9110 9.1.
    init(_ bytes: Span<UInt8>, _ name: Range<Int>) {
        self =
            switch name.count {
            case 3 where bytes.equals(name, "GET"): .get
            case 3 where bytes.equals(name, "PUT"): .put
            case 4 where bytes.equals(name, "POST"): .post
            case 4 where bytes.equals(name, "HEAD"): .head
            case 5 where bytes.equals(name, "PATCH"): .patch
            case 5 where bytes.equals(name, "TRACE"): .trace
            case 6 where bytes.equals(name, "DELETE"): .delete
            case 7 where bytes.equals(name, "OPTIONS"): .options
            case 7 where bytes.equals(name, "CONNECT"): .connect
            default: .other
            }
    }

    /// Whether sending a request twice has the effect of sending it once, RFC 9110 9.2.2: only such a request may be sent
    /// again by itself when it may have been executed.
    public var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .patch, .connect, .other: false
        }
    }
}
