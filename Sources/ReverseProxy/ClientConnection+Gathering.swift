import HTTPFraming
import LlamaServer
import NIOCore
import Scheduling

// What each server knows for itself alone, asked of all: `GET /metrics` with several servers, `GET /v1/models` with several
// models, or aliases of one.

extension ClientConnection {
    /// Asks all servers, if there are several, and answers with the sum.
    ///
    /// - Returns: false when one server's own answer is what is wanted.
    func gather(_ kind: EndpointKind) -> Bool {
        guard kind == .metrics || kind == .models, head.method == .get || head.method == .head, !hasBody,
            let id = request?.id, request?.ownership == nil
        else { return false }
        let limit = FleetGathering.maximumServers
        let dispatcher = loop.dispatcher
        let routes: [UpstreamRoute]
        let question: FleetQuestion
        if kind == .models {
            let aliases = dispatcher.servedAliases().map { FleetQuestion.Alias(name: $0.alias, model: $0.model) }
            question = .models(aliases)
            let several = dispatcher.routesOfModels(limit: limit)
            routes = several ?? (aliases.isEmpty ? [] : dispatcher.usableRoutes(limit: 1))
            guard routes.count > 1 || !aliases.isEmpty && !routes.isEmpty else { return false }
        } else {
            question = .metrics
            routes = dispatcher.usableRoutes(limit: limit)
            guard routes.count > 1 else { return false }
        }
        let keys = keyLines
        consumeHead()
        state = .submitting
        let sorted = routes.sorted { $0.address.description < $1.address.description }
        let asked = sorted.map { FleetGathering.Asked(question.path ?? "/", of: $0, keys: keys, loop) }
        FleetGathering(asked, loop).start { [self] answers in
            // The client may have left meanwhile, and asked for something else before.
            guard request?.id == id, case .submitting = state else { return }
            answer(question.answer(zip(sorted, answers).map { ("\($0.address)", $1) }))
        }
        return true
    }

    /// The client's keys, as it sent them.
    var keyLines: ByteBuffer {
        let source = received.bytes
        var keys = ByteBuffer()
        for line in head.fields where line.field == .authorization || line.field == .apiKey {
            keys.write(source, line.line)
        }
        return keys
    }
}
