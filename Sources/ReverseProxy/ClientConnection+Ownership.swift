import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange
import Scheduling

// Requests that are for one particular server, or for all of them.

extension ClientConnection {
    /// Whether no other server may have the request.
    var isForOneServer: Bool { exchange.isForOneServer }

    /// Finds out which server a request is for that isn't for whichever is the least busy.
    ///
    /// - Returns: why it goes nowhere.
    func findOwner(of kind: EndpointKind) -> LocalAnswer? {
        let line = head.first(.agent)
        request.namesServer = line != nil
        // What anybody may see is the same everywhere, and who shows no key learns no names.
        guard !kind.isAnyones || line != nil, !request.isWithoutKey else { return nil }
        let dispatcher = loop.dispatcher
        let word = line.map { String(decoding: received.bytes.readableBytesView[relative: $0.value], as: UTF8.self) }
        let registered = dispatcher.summary().registered
        do {
            let named = word.map { dispatcher.upstreams(called: $0) } ?? []
            request.ownership = try Ownership.of(
                kind,
                conversation: kind == .stream ? conversationInTarget : nil,
                word: word,
                named: named,
                registered: registered,
                loadsOnDemand: dispatcher.loadsOnDemand
            )
            if case .one = request.ownership { exchange.isForOneServer = true }
            return request.tenant?.models == nil ? nil : refusalOfNamedServer()
        } catch {
            let model = error == .notNamed ? modelInQuery : nil
            let known = dispatcher.namedUpstreams(of: model, limit: LocalAnswer.mostNames)
            if error == .notNamed, known.count == 1 {
                // The only one of its model.
                request.ownership = .one(known[0])
                exchange.isForOneServer = true
                return nil
            }
            return LocalAnswer(error, known: known, registered: registered)
        }
    }

    /// The request is whole, and isn't for whichever server the scheduler would pick.
    ///
    /// - Returns: false if it takes a slot.
    func submitToOwner(_ ownership: Ownership) -> Bool {
        switch ownership {
        case .one where request.dialect != nil: return false
        case .one(let upstream): send(to: .free(upstream.id, upstream.route))
        case .anyone: sendFree(avoiding: nil)
        case .all where isBodyUntold, .wish where isBodyUntold:
            answer(.bodyUntold("the request's body says what is to be done"))
        case .all(let question): askAll(question)
        case .wish(let wish): carryOut(wish)
        case .holder(let conversation): sendToHolder(of: conversation)
        }
        return true
    }

    private func carryOut(_ wish: ModelWish) {
        guard let model = request.demand.model else { return answer(.modelNotNamedForWish) }
        if let allowed = request.tenant?.models, !allowed.allows(model) {
            return answer(LocalAnswer(Rejection.unknownModel(model, known: [])))
        }
        switch loop.dispatcher.ask(wish, for: model) {
        case .asked, .isSo: answer(.json(#"{"success":true}"#))
        case .unknown: answer(LocalAnswer(Rejection.unknownModel(model, known: [])))
        case .notOnDemand: answer(.notOnDemand(model))
        }
    }

    private func askAll(_ question: FleetQuestion) {
        guard let message = request.message else { return }
        let model = request.demand.model
        if question.isForEach, let rejection = loop.dispatcher.whyNobody(for: model) { return refuse(rejection) }
        let upstreams = askable(of: model, question)
        guard upstreams.count <= FleetGathering.maximumServers || !question.isForEach else {
            return answer(.tooManyServers(limit: FleetGathering.maximumServers))
        }
        let asked = upstreams.map { upstream in
            let lines = loop.pool(for: upstream.id, by: upstream.route).ownLines
            return FleetGathering.Asked(upstream.route, message.bytes(with: lines))
        }
        let gathering = FleetGathering(asked, loop, until: question.isAnswered)
        gathering.start { [self, id = request.id] answers in
            if question == .streams { learnHolders(from: answers, of: upstreams) }
            // The client may have left meanwhile, and asked for something else before.
            guard isDeciding(id) else { return }
            answer(question.answer(zip(upstreams, answers).map { ($0.word, $1) }))
        }
    }

    /// Those that may know something, drained ones too; of a question for each, all.
    private func askable(of model: String?, _ question: FleetQuestion) -> [NamedUpstream] {
        let limit = FleetGathering.maximumServers
        guard !question.isForEach else { return loop.dispatcher.namedUpstreams(of: model, limit: limit + 1) }
        let upstreams = loop.dispatcher.namedUpstreams(of: model, limit: .max)
        return Array(upstreams.lazy.filter(\.isReady).prefix(limit))
    }

    // MARK: - Answers that go on without their clients

    private var conversationInTarget: [UInt8]? {
        let source = received.bytes
        let bytes = source.readableBytesUInt8Span
        return ConversationID.named(
            path: bytes.extracting(ownPath),
            query: bytes.extracting(head.path.upperBound..<head.pathAndQuery.upperBound)
        )
    }

    /// To the upstream that is known to have it, or else to one that says that it does: what is known ends with this process, and
    /// with an agent that was away.
    private func sendToHolder(of conversation: [UInt8]) {
        if let upstream = loop.dispatcher.holder(of: conversation) {
            return send(toHolder: upstream)
        }
        let upstreams = askable(of: nil, .streams)
        let body = StreamsSum.question(conversation)
        let keys = request.message?.keyLines ?? ByteBuffer()
        let asked = upstreams.map { upstream in
            FleetGathering.Asked("/v1/streams/lookup", body: body, of: upstream.route, keys: keys, loop)
        }
        FleetGathering(asked, loop).start { [self, id = request.id] answers in
            learnHolders(from: answers, of: upstreams)
            guard isDeciding(id) else { return }
            guard let upstream = loop.dispatcher.holder(of: conversation) else {
                // As llama-server: what isn't there need not be ended.
                return answer(request.method == .delete ? .noContent : .noConversation)
            }
            send(toHolder: upstream)
        }
    }

    private func send(toHolder upstream: NamedUpstream) {
        request.ownership = .one(upstream)
        exchange.isForOneServer = true
        send(to: .free(upstream.id, upstream.route))
    }

    private func learnHolders(from answers: [ServerAnswer?], of upstreams: [NamedUpstream]) {
        for (conversation, server) in FleetQuestion.sumOfStreams(answers).holders {
            loop.dispatcher.remember(Array(conversation.utf8), on: upstreams[server].id)
        }
    }
}
