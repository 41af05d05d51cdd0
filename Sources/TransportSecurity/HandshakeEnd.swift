/// What became of a client's handshake.
package enum HandshakeEnd: Equatable, Sendable {
    /// With the client's certificate, if it was asked for one and has shown it.
    case completed(ClientCertificate?)
    /// A request came instead, without TLS, and was answered.
    case plainRequest
    case timedOut
    /// Nobody vouches for the client's certificate; in words that follow on the client.
    case certificateRefused(String)
    /// With the reason, in words.
    case failed(String)
}
