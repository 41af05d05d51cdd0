import HTTPFraming
import NIOCore

// Whose pages may read an answer. Nothing of this concerns requests that come from no page.

extension ClientConnection {
    /// What a server's answer says to the page that asked.
    func learnCrossOrigin(from head: borrowing ResponseHead, in source: ByteBuffer) {
        guard let origin = request.origin else { return }
        let line = head.first(.allowedOrigin)
        // Whatever stands between may answer that it can't reach the server, and knows nothing of its rules.
        guard line != nil || head.status < 500 else { return }
        let allowed = line.map { Array(source.readableBytesView[relative: $0.value]) }
        loop.crossOrigins.withLock { $0.learn(allowed, for: origin) }
    }

    /// Whether it is known what a stream that is begun here has to say to the page that waits for it. If it isn't, the page
    /// waits for the server's own beginning: or else it could read an answer only because it came late.
    var knowsReader: Bool {
        guard let origin = request.origin else { return true }
        return loop.crossOrigins.withLock { $0.learnt(for: origin) != nil }
    }

    func writeAllowedOrigin(preflight isPreflight: Bool = false, into buffer: inout ByteBuffer) {
        guard let origin = request.origin else { return }
        switch loop.crossOrigins.withLock({ isPreflight ? $0.preflightVerdict(for: origin) : $0.verdict(for: origin) })
        {
        case .anybody:
            buffer.writeStaticString("Access-Control-Allow-Origin: *\r\n")
        case .thisOrigin:
            buffer.writeStaticString("Access-Control-Allow-Origin: ")
            buffer.writeBytes(origin)
            buffer.writeStaticString("\r\nVary: Origin\r\n")
            if isPreflight { buffer.writeStaticString("Access-Control-Allow-Credentials: true\r\n") }
        case .nobody:
            buffer.writeStaticString("Vary: Origin\r\n")
        }
    }
}
