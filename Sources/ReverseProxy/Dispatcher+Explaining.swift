import LlamaServer
public import Scheduling

// Why requests go where they go.

extension Dispatcher {
    /// What would become of a request now, without anything being done or counted.
    ///
    /// Its body is read by the thread that asks, before the lock is taken.
    ///
    /// - Parameter limit: of the servers that are told of.
    /// - Returns: nil for a path that takes no slot: any usable server answers it.
    public func explain(_ request: AskedRequest, limit: Int) -> Explanation? {
        let path = Array(request.path.utf8)
        let kind = Endpoint.classify(isPost: true, path: path.span)
        guard case .slot = kind else { return nil }
        var reader = DemandReader()
        let body = request.body.span
        let demand = reader.demand(
            body,
            at: path.span,
            model: reader.model(body),
            session: request.session.flatMap { promptReading.session(Array($0.utf8).span) },
            promptReading,
            readsSizes: readsSizes
        )
        guard let word = request.agent else { return explain(demand, on: nil, limit: limit) }
        do {
            let ownership = try Ownership.of(
                kind,
                word: word,
                named: upstreams(called: word),
                registered: summary().registered
            )
            guard case .one(let upstream) = ownership else { return explain(demand, on: nil, limit: limit) }
            return explain(demand, on: upstream.id, limit: limit)
        } catch {
            let known = namedUpstreams(of: nil, limit: LocalAnswer.mostNames)
            let answer = LocalAnswer(error, known: known, registered: summary().registered)
            var explanation = explain(demand, on: nil, limit: limit)
            explanation.outcome = .refused(answer)
            return explanation
        }
    }

    private func explain(_ demand: RequestDemand, on upstream: UpstreamID?, limit: Int) -> Explanation {
        var explanation = explanation(of: demand, on: upstream, limit: limit)
        if case .rejected(let rejection) = explanation.outcome {
            explanation.outcome = .refused(LocalAnswer(rejection, lastFailure: nil))
        }
        return explanation
    }
}

extension Explanation.Outcome {
    fileprivate static func refused(_ answer: LocalAnswer) -> Self {
        .refused(status: answer.status, message: answer.error?.message ?? "")
    }
}
