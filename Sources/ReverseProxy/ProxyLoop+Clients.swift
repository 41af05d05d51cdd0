import FleetMetrics
import Logging
import NIOCore
import TransportSecurity

// Clients' connections, and what stands in front of them.

extension ProxyLoop {
    func opened(_ connection: ClientConnection) {
        // Accepted while the listener was being closed.
        guard !isClosed else { return connection.close() }
        clients.add(connection)
        if connection.isStream { streams += 1 }
        // It takes no descriptor, here or at a server.
        guard connection.picked == nil else { return }
        switch connection.admission ?? admit(isStream: connection.isStream) {
        case .served: break
        case .refused: connection.refuseUnfinished(.tooManyConnections(limit: connections.limit))
        case .dropped: connection.reset()
        }
    }

    /// One more connection, or one more stream of one: each may have an upstream's connection for itself.
    func admit(isStream: Bool = false) -> ConnectionCount.Admission {
        if !isStream { metrics.clientsAccepted += 1 }
        let admission = connections.clientOpened()
        if admission != .served {
            metrics.clientsRefused += 1
            logRefusal()
        }
        return admission
    }

    func add(_ front: ClientFront) {
        fronts[ObjectIdentifier(front)] = front
    }

    func closed(_ front: ClientFront) {
        if fronts.removeValue(forKey: ObjectIdentifier(front)) != nil { connections.clientClosed() }
    }

    /// A ``ClientConnection`` takes its place among the connections.
    func replaced(_ front: ClientFront) {
        fronts[ObjectIdentifier(front)] = nil
    }

    /// Puts TLS in front of a client's connection, if clients speak it.
    ///
    /// - Returns: nil: they don't.
    func secure(_ channel: any Channel) throws -> TLSFront? {
        try configuration.certificates?.secure(channel, limit: TimeAmount(configuration.timeouts.requestHead)) {
            [self] end in handshakeEnded(end)
        }
    }

    /// Adds what serves a client's connection.
    ///
    /// - Parameter front: of its TLS; nil: it speaks none.
    func serve(_ channel: any Channel, behind front: TLSFront?) throws {
        let pipeline = channel.pipeline.syncOperations
        if front != nil || configuration.speaksHTTP2WithoutTLS {
            try pipeline.addHandler(ClientFront(loop: self, tls: front))
        } else {
            try pipeline.addHandler(ClientConnection(loop: self))
        }
    }

    private func handshakeEnded(_ end: HandshakeEnd) {
        switch end {
        case .completed:
            metrics.handshakes[.completed, default: 0] += 1
        case .plainRequest:
            metrics.handshakes[.plainRequest, default: 0] += 1
            refusals.add(.withoutTLS)
        case .timedOut:
            metrics.handshakes[.timedOut, default: 0] += 1
        case .failed(let reason), .certificateRefused(let reason):
            metrics.handshakes[.failed, default: 0] += 1
            logger.debug("TLS handshake failed", metadata: ["reason": "\(reason)"])
        }
    }

    func closed(_ connection: ClientConnection) {
        guard clients.remove(connection) else { return }
        if connection.isStream { streams -= 1 }
        if connection.picked == nil { connections.clientClosed() }
    }

    /// Once in a while: where there are too many clients there are many of them.
    private func logRefusal() {
        let now = NIODeadline.now()
        if let refusalLoggedAt, now - refusalLoggedAt < Self.refusalLogInterval { return }
        refusalLoggedAt = now
        logger.warning(
            "clients are refused: all connections are in use",
            metadata: ["max_connections": "\(connections.limit)", "refused": "\(metrics.clientsRefused)"]
        )
    }

    /// The connection's output is shut and what still comes in is thrown away, for a while, so that the client can read
    /// its answer before a reset destroys it.
    func linger(_ connection: ClientConnection) {
        lingering.append((connection, .now() + Self.lingeringTime))
    }

    /// As nginx's `lingering_timeout`: a client on a slow line needs some seconds to take what was sent before it closes.
    private static let lingeringTime: TimeAmount = .seconds(5)

    private static let refusalLogInterval: TimeAmount = .seconds(10)
}
