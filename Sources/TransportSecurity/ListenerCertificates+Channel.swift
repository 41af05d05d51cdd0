package import NIOCore
internal import NIOSSL

extension ListenerCertificates {
    /// Puts TLS in front of whatever is added to the connection next. On its event loop, before it is active.
    ///
    /// - Parameters:
    ///   - limit: for the handshake.
    ///   - onEnd: is told once what became of it, unless the client says nothing and goes.
    @discardableResult
    package func secure(
        _ channel: any Channel,
        limit: TimeAmount,
        onEnd: @escaping (HandshakeEnd) -> Void
    ) throws -> TLSFront {
        // RFC 5246 7.2.1: who says goodbye gets one in return, and no more of its answer. RFC 8446 6.1 would let it go on
        // hearing; clients don't make use of it, and many wait for the other's goodbye.
        try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        let front = TLSFront(limit: limit, onEnd: onEnd)
        var configuration = NIOSSLServerHandler.Configuration()
        configuration.maximumPreservedOutboundBufferCapacity = Self.keptBytes
        let pipeline = channel.pipeline.syncOperations
        let terms = terms
        let tls = NIOSSLServerHandler(context: terms.context, configuration: configuration)
        try pipeline.addHandler(front)
        try pipeline.addHandler(tls)
        try pipeline.addHandler(TLSBack(front, tls, terms.authorities))
        return front
    }
}
