import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange
import Scheduling

// What each server knows for itself alone, asked of all: `GET /metrics` with several servers, `GET /v1/models` with several
// models, or aliases of one. And `GET /props` with several models, which one server answers for all.

extension ClientConnection {
    /// Asks all servers, if there are several, and answers with the sum.
    ///
    /// - Returns: false when one server's own answer is what is wanted.
    func gather(_ kind: EndpointKind) -> Bool {
        guard head.method == .get || head.method == .head, !hasBody else { return false }
        request.listsModels = kind == .models
        guard let (question, routes) = question(kind) else { return false }
        let id = request.id
        let keys = keyLines
        consumeHead()
        link.exchanges()
        guard !routes.isEmpty else {
            if question.isAnsweredHere {
                answer(question.answer([]))
                return true
            }
            refuse(.noServer(waited: .zero, loop.dispatcher.summary()))
            return true
        }
        let sorted = routes.sorted { $0.address.description < $1.address.description }
        let asked = sorted.map { FleetGathering.Asked(question.path ?? "/", of: $0, keys: keys, loop) }
        FleetGathering(asked, loop).start { [self] answers in
            // The client may have left meanwhile, and asked for something else before.
            guard isDeciding(id) else { return }
            answer(question.answer(zip(sorted, answers).map { ("\($0.address)", $1) }))
        }
        return true
    }

    /// - Returns: what is asked of whom, nil when one server's own answer is what is wanted.
    private func question(_ kind: EndpointKind) -> (FleetQuestion, [UpstreamRoute])? {
        let limit = FleetGathering.maximumServers
        let dispatcher = loop.dispatcher
        if kind == .models, let allowed = request.tenant?.models { return questionOfModels(allowed) }
        if kind == .properties, let allowed = request.tenant?.models { return questionOfProperties(allowed) }
        switch (kind, request.ownership) {
        case (.models, nil):
            let aliases = dispatcher.servedAliases().map { FleetQuestion.Alias(name: $0.alias, model: $0.model) }
            let absent = dispatcher.absentModels()
            if let routes = dispatcher.routesOfModels(limit: limit), !routes.isEmpty || !absent.isEmpty {
                return (.models(aliases, areSeveral: true, absent: absent, allowed: nil), routes)
            }
            if !absent.isEmpty {
                return (
                    .models(aliases, areSeveral: true, absent: absent, allowed: nil), dispatcher.usableRoutes(limit: 1)
                )
            }
            let routes = aliases.isEmpty ? [] : dispatcher.usableRoutes(limit: 1)
            return routes.isEmpty ? nil : (.models(aliases, areSeveral: false, allowed: nil), routes)
        case (.metrics, nil):
            let routes = dispatcher.usableRoutes(limit: limit)
            return routes.count > 1 ? (.metrics, routes) : nil
        case (.properties, nil), (.properties, .anyone?):
            guard modelInQuery == nil else { return nil }
            if let route = dispatcher.routeForModels() { return (.properties, [route]) }
            // Nobody has to load a model to learn that there are several.
            return dispatcher.absentModels().isEmpty || dispatcher.summary().usable > 0 ? nil : (.properties, [])
        default: return nil
        }
    }

    /// Where none of several models is loaded.
    var listOfAbsentModels: LocalAnswer {
        let aliases = loop.dispatcher.servedAliases().map { FleetQuestion.Alias(name: $0.alias, model: $0.model) }
        let absent = loop.dispatcher.absentModels()
        return FleetQuestion.models(aliases, areSeveral: true, absent: absent, allowed: request.tenant?.models).answer(
            [])
    }

    /// For whoever may not use all models: no server's own answer is passed on, since it lists all that it has.
    private func questionOfModels(_ allowed: ModelPatterns) -> (FleetQuestion, [UpstreamRoute]) {
        let dispatcher = loop.dispatcher
        let aliases = dispatcher.servedAliases().map { FleetQuestion.Alias(name: $0.alias, model: $0.model) }
        if case .one(let upstream) = request.ownership {
            return (.models([], areSeveral: false, allowed: allowed), [upstream.route])
        }
        let absent = dispatcher.absentModels()
        if let routes = dispatcher.routesOfModels(limit: FleetGathering.maximumServers) {
            return (.models(aliases, areSeveral: true, absent: absent, allowed: allowed), routes)
        }
        return (
            .models(aliases, areSeveral: !absent.isEmpty, absent: absent, allowed: allowed),
            dispatcher.usableRoutes(limit: 1)
        )
    }

    /// One server tells its own, of a model that its tenant may use; nil also where it is asked for those of a model or of a server.
    /// However many models there are, such a tenant must name one: by this answer the web UI knows.
    private func questionOfProperties(_ allowed: ModelPatterns) -> (FleetQuestion, [UpstreamRoute])? {
        guard modelInQuery == nil, !isForOneServer,
            case .named(let model) = loop.dispatcher.allowedModel(allowed.allows),
            let route = loop.dispatcher.route(of: model)
        else { return nil }
        return (.properties, [route])
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
