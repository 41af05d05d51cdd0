import HTTPFraming
import LlamaServer
import NIOCore
import Scheduling

// Requests that are for one particular server, or for all of them.

extension ClientConnection {
    /// Whether no other server may have the request.
    var isForOneServer: Bool {
        if case .one = request?.ownership { true } else { false }
    }

    /// Finds out which server a request is for that isn't for whichever is the least busy.
    ///
    /// - Returns: why it goes nowhere.
    func findOwner(of kind: EndpointKind) -> LocalAnswer? {
        let line = head.first(.agent)
        // What anybody may see is the same everywhere, and who shows no key learns no names.
        guard !kind.isAnyones || line != nil, request?.isWithoutKey == false else { return nil }
        let dispatcher = loop.dispatcher
        let word = line.map { String(decoding: received.bytes.readableBytesView[relative: $0.value], as: UTF8.self) }
        let registered = dispatcher.summary().registered
        do {
            let named = word.map { dispatcher.upstreams(called: $0) } ?? []
            request?.ownership = try Ownership.of(kind, word: word, named: named, registered: registered)
            return nil
        } catch {
            let model = error == .notNamed ? modelInQuery : nil
            let known = dispatcher.namedUpstreams(of: model, limit: LocalAnswer.mostNames)
            if error == .notNamed, known.count == 1 {
                // The only one of its model.
                request?.ownership = .one(known[0])
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
        case .one where request?.dialect != nil: return false
        case .one(let upstream): send(to: .free(upstream.id, upstream.route))
        case .anyone: sendFree(avoiding: nil)
        case .all(let question): askAll(question)
        }
        return true
    }

    private func askAll(_ question: FleetQuestion) {
        guard let request, let message = request.message else { return }
        if let rejection = loop.dispatcher.whyNobody(for: request.demand.model) { return refuse(rejection) }
        let upstreams = loop.dispatcher.namedUpstreams(
            of: request.demand.model,
            limit: FleetGathering.maximumServers + 1
        )
        guard upstreams.count <= FleetGathering.maximumServers else {
            return answer(.tooManyServers(limit: FleetGathering.maximumServers))
        }
        let asked = upstreams.map { upstream in
            let lines = loop.pool(for: upstream.id, by: upstream.route).ownLines
            return FleetGathering.Asked(upstream.route, name: upstream.word, message.bytes(with: lines))
        }
        FleetGathering(question, of: asked, loop).start { [self, id = request.id] answer in
            // The client may have left meanwhile, and asked for something else before.
            guard self.request?.id == id, case .submitting = state else { return }
            self.answer(answer)
        }
    }

    /// Who answers, for clients of what each server has of its own.
    func ownerLine(_ target: Target) -> [UInt8] {
        guard request?.ownership != nil else { return [] }
        let upstream = loop.dispatcher.named(target.upstream)
        let words = [upstream?.word, upstream?.agent.rawValue, "\(target.route.address)"]
        // A name may have characters that a field has not.
        let word = words.lazy.compactMap { $0 }.first { word in
            !word.isEmpty && word.utf8.allSatisfy { 0x20...0x7E ~= $0 } && word.first != " " && word.last != " "
        }
        return word.map { Array("X-Paddler-Upstream: \($0)\r\n".utf8) } ?? []
    }
}
