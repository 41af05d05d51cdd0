/// What became of a client's handshake.
package enum HandshakeEnd: Equatable, Sendable {
    case completed
    /// A request came instead, without TLS, and was answered.
    case plainRequest
    case timedOut
    /// With the reason, in words.
    case failed(String)
}
