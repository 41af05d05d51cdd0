/// How one knows where a body ends, RFC 9112 6.3.
public enum BodyFraming: Equatable, Sendable {
    /// There is no body.
    case none
    /// `Content-Length`: so many bytes, 0 or more.
    case length(Int64)
    /// `Transfer-Encoding: chunked`.
    case chunked
    /// The body ends when the connection does; only in responses.
    case untilClose
}
