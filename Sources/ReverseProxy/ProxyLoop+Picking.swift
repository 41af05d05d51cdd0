import AccessControl
import EndpointPicking
import ExtProcMessages
import Logging
import NIOCore
import PickRules
import TransportSecurity

// Envoys that ask where requests go.

extension ProxyLoop {
    /// Puts TLS in front of an Envoy's connection, if Envoys speak it.
    func securePicker(_ channel: any Channel) throws {
        guard let certificates = configuration.pickerCertificates else { return }
        let limit = TimeAmount(configuration.timeouts.requestHead)
        try certificates.secure(channel, limit: limit) { [self] end in
            handshakeOfPickerEnded(end)
            guard certificates.asksClients, case .completed(nil) = end else { return }
            logger.warning(
                "an Envoy without a certificate asked the endpoint picker",
                metadata: ["address": "\(channel.remoteAddress?.ipAddress ?? "unknown")"]
            )
            channel.close(promise: nil)
        }
    }

    /// Adds what serves an Envoy's connection.
    func servePicker(_ channel: any Channel) throws {
        let isSecure = configuration.pickerCertificates != nil
        try PickerConnection<ClientConnection>.begin(
            on: channel,
            .init(
                longestBody: configuration.maximumBodyBytes,
                isServing: { [self] in stage == .serving && !isClosed },
                serve: { [self] stream in
                    ClientConnection(loop: self, pick: stream, isSecure: isSecure, peer: peer(of: stream))
                },
                takeAwaited: { [self] start in start.attemptID.flatMap { awaited.take($0) } },
                resume: { connection, stream in connection.resume(on: stream) },
                opened: { [self] picker in
                    guard !isClosed else { return picker.end() }
                    let admission = connections.clientOpened()
                    pickers[ObjectIdentifier(picker)] = picker
                    guard admission == .served else { return picker.end() }
                    if stage != .serving { picker.leave() }
                },
                closed: { [self] picker in
                    if pickers.removeValue(forKey: ObjectIdentifier(picker)) != nil { connections.clientClosed() }
                }
            )
        )
    }

    private func handshakeOfPickerEnded(_ end: HandshakeEnd) {
        switch end {
        case .completed: break
        case .plainRequest: logger.warning("an Envoy spoke to the endpoint picker without TLS, which it wants")
        case .timedOut: logger.debug("an Envoy's TLS handshake took too long")
        case .failed(let reason), .certificateRefused(let reason):
            logger.warning("an Envoy's TLS handshake failed", metadata: ["reason": "\(reason)"])
        }
    }

    /// The client by the Envoy's word: it writes whom it saw at the end of `X-Forwarded-For`.
    private func peer(of stream: PickStream<ClientConnection>) -> ClientPeer {
        let named = stream.start?.head.fields.last { $0.name == "x-forwarded-for" }?.value
        let last = named?.split(separator: ",").last.map { $0.filter { $0 != " " } }
        let address = last.flatMap { IPAddress(String($0)) } ?? stream.remoteAddress.flatMap { IPAddress($0) }
        return ClientPeer(at: address, trusting: configuration.trustedProxies)
    }

    /// A failed attempt is followed by another.
    func keep(_ connection: ClientConnection, as id: String) {
        if let former = awaited.keep(connection, as: id, at: .now()) { giveUp([former]) }
    }

    /// Nobody has come for them: their clients have left.
    func giveUp(_ connections: [ClientConnection]) {
        for connection in connections { connection.closed() }
    }
}
