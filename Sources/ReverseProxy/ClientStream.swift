import HTTP2Front
import NIOCore

/// What a ``ClientConnection`` that is a stream of an HTTP/2 connection asks of it, where there is no socket to ask.
struct ClientStream {
    private let translator: StreamTranslator
    /// Whether its connection speaks TLS.
    let isSecure: Bool

    init(_ translator: StreamTranslator, isSecure: Bool) {
        self.translator = translator
        self.isSecure = isSecure
    }

    func reset() {
        translator.reset()
    }

    /// What the client has yet to take, its connection's part included if that is what it waits for.
    var unsentBytes: Int { translator.unsentBytes }

    /// How much of what the system has taken for the connection its client hasn't, in bytes. A call of the system.
    var unacknowledgedBytes: Int { translator.connectionChannel?.unacknowledgedBytes ?? 0 }
}
