internal import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import NetworkFailures
internal import PrintableText

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// Stands behind a client's TLS, and tells the one in front of it.
final class TLSBack: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let front: TLSFront
    private let tls: NIOSSLServerHandler
    /// By whom a client's certificate is verified; nil: it is asked for none.
    private let authorities: ClientAuthorities?

    init(_ front: TLSFront, _ tls: NIOSSLServerHandler, _ authorities: ClientAuthorities?) {
        self.front = front
        self.tls = tls
        self.authorities = authorities
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { front.completed(certificate) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard authorities != nil, case .distrust? = TLSProblem(error) else {
            return front.failed(.failed(TLSProblem(error).map { "\($0)" } ?? "\(error)"))
        }
        // What was shown is still known, although it was refused.
        front.failed(.certificateRefused(ClientCertificateRefusal.inWords(tls.peerCertificate, at: time(nil))))
    }

    private var certificate: ClientCertificate? {
        guard let authorities else { return nil }
        return tls.peerCertificate.map { ClientCertificate($0, edition: authorities.edition) }
    }
}
