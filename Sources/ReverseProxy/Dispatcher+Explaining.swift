public import AccessControl
import LlamaServer
public import Scheduling

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// Why requests go where they go.

extension Dispatcher {
    /// Why a request has its slot where it has; nil if it has none any more.
    func choice(of lease: Lease) -> Choice? {
        locked { $0.choice(of: lease) }
    }

    /// Why a request that needs no slot goes where the scheduler sends it.
    func choiceOfFree(for model: String?) -> Choice {
        locked { $0.choiceOfFree(for: model) }
    }

    func explanation(of demand: RequestDemand, on upstream: UpstreamID?, limit: Int) -> Explanation {
        let now = now()
        let outline = locked { $0.outline(of: demand, on: upstream, at: now) }
        let listed = outline.listed(limit: limit)
        return locked { $0.explanation(outline, of: listed, at: now) }
    }

    /// What would become of a request now, without anything being done or counted.
    ///
    /// Its body is read by the thread that asks, before the lock is taken.
    ///
    /// - Parameters:
    ///   - asker: whose it is taken for. What that one has left of its requests and tokens isn't looked at.
    ///   - limit: of the servers that are told of.
    /// - Returns: nil for a path that takes no slot: any usable server answers it.
    public func explain(_ request: AskedRequest, of asker: Asker, limit: Int) -> Explanation? {
        let path = Array(request.path.utf8)
        let kind = Endpoint.classify(isPost: true, path: path.span)
        guard case .slot = kind else { return nil }
        var reader = DemandReader()
        let body = request.body.span
        var demand = reader.demand(
            body,
            at: path.span,
            model: reader.model(body),
            session: request.session.flatMap { promptSeeding.reading.session(Array($0.utf8).span) },
            promptSeeding.reading,
            readsSizes: readsSizes
        )
        demand.priority = asker.rank
        demand.terms = asker.tenant.map { TenantTerms($0) }
        if let tenant = asker.tenant, let until = tenant.until, tenant.isOver(at: time(nil)) {
            return explain(demand, refusedBy: .tenantOver(tenant, until), limit: limit)
        }
        if let refusal = LocalAnswer.whyNotInClass(asker) { return explain(demand, refusedBy: refusal, limit: limit) }
        // It is told of the server that it names first, and then of its model.
        let refusal = asker.tenant.flatMap { whyNot(model: demand.model, for: $0) }
        guard let word = request.agent else { return explain(demand, on: nil, refusedBy: refusal, of: asker, limit) }
        do {
            let ownership = try Ownership.of(
                kind,
                word: word,
                named: upstreams(called: word),
                registered: summary().registered
            )
            guard case .one(let upstream) = ownership else {
                return explain(demand, on: nil, refusedBy: refusal, of: asker, limit)
            }
            let objection = asker.tenant.flatMap { whyNot(on: upstream, for: $0) }
            return explain(demand, on: upstream.id, refusedBy: objection ?? refusal, of: asker, limit)
        } catch {
            let known = namedUpstreams(of: nil, limit: LocalAnswer.mostNames)
            let answer = LocalAnswer(error, known: known, registered: summary().registered)
            return explain(demand, refusedBy: answer, limit: limit)
        }
    }

    private func explain(_ demand: RequestDemand, refusedBy answer: LocalAnswer, limit: Int) -> Explanation {
        var explanation = explanation(of: demand, on: nil, limit: limit)
        explanation.outcome = .refused(answer)
        return explanation
    }

    private func explain(
        _ demand: RequestDemand,
        on upstream: UpstreamID?,
        refusedBy refusal: LocalAnswer?,
        of asker: Asker,
        _ limit: Int
    ) -> Explanation {
        if let refusal { return explain(demand, refusedBy: refusal, limit: limit) }
        var explanation = explanation(of: demand, on: upstream, limit: limit)
        if case .rejected(let rejection) = explanation.outcome {
            let told = asker.tenant?.models.map(rejection.telling) ?? rejection
            explanation.outcome = .refused(LocalAnswer(told, lastFailure: nil))
        }
        return explanation
    }
}

extension Explanation.Outcome {
    fileprivate static func refused(_ answer: LocalAnswer) -> Self {
        .refused(status: answer.status, message: answer.error?.message ?? "")
    }
}
