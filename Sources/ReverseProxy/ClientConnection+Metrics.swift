import HTTPFraming
import LlamaServer
import NIOCore

// `GET /metrics` with several servers: each counts for itself, and a client would meet another one each time.

extension ClientConnection {
    /// Asks all servers, if there are several, and answers with the sum.
    ///
    /// - Returns: false when one server's own answer is what is wanted.
    func gatherMetrics() -> Bool {
        guard head.method == .get || head.method == .head, !hasBody, let id = request?.id else { return false }
        let routes = loop.dispatcher.usableRoutes(limit: MetricsGathering.maximumServers)
        guard routes.count > 1 else { return false }
        let source = received.bytes
        var keys = ByteBuffer()
        for line in head.fields where line.field == .authorization || line.field == .apiKey {
            keys.write(source, line.line)
        }
        consumeHead()
        state = .submitting
        MetricsGathering(of: routes, keys: keys, loop).start { [self] answer in
            // The client may have left meanwhile, and asked for something else before.
            guard request?.id == id, case .submitting = state else { return }
            self.answer(answer)
        }
        return true
    }
}
