import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// Whose a request is, and what that one may ask for.

extension ClientConnection {
    /// A key was shown that is somebody's.
    ///
    /// - Returns: why the request goes nowhere even so.
    func refusal(of tenant: Tenant) -> LocalAnswer? {
        record.tenant = tenant.name
        if let until = tenant.until, tenant.isOver(at: time(nil)) { return .tenantOver(tenant, until) }
        request.tenant = tenant
        guard tenant.models != nil else { return nil }
        if isBodyUntold { return .bodyUntold(tenant) }
        request.isPage = isPublicPage
        return refusalOfTarget(tenant)
    }

    /// Whatever the request names elsewhere: of one that reads, llama-server's router takes the model from the query, or from a
    /// form in its body.
    private func refusalOfTarget(_ tenant: Tenant) -> LocalAnswer? {
        if asksToRead, hasBody { return .readingWithBody(tenant) }
        guard let model = modelsInQuery.first(where: { !tenant.mayUse($0) }) else { return nil }
        record.model = model
        return .modelForbidden(model, tenant)
    }

    /// - Returns: why the class that the request names isn't one for it.
    func readClass() -> LocalAnswer? {
        if let tenant = request.tenant { request.rank = tenant.rank }
        if let addresses = loop.configuration.addressTenants, let client = clientAddress {
            request.addressTenant = TenantID(number: UInt32(truncatingIfNeeded: addresses.number(of: client)))
            record.clientNetwork = client.isIPv4 ? record.client : "\(client.network)"
        }
        guard let line = head.first(.requestedClass) else { return nil }
        let asker = Asker(
            tenant: request.tenant,
            classes: loop.configuration.tenants?.current.classes ?? .standard,
            requestedClass: String(decoding: received.bytes.readableBytesView[relative: line.value], as: UTF8.self)
        )
        if let refusal = LocalAnswer.whyNotInClass(asker) { return refusal }
        request.rank = asker.rank
        return nil
    }

    /// For the scheduler.
    var terms: TenantTerms? {
        request.tenant.map { TenantTerms($0) } ?? request.addressTenant.map { TenantTerms(tenant: $0) }
    }

    // MARK: - Models

    /// The request is whole, and its tenant may not use all models.
    func refusalOfModel() -> LocalAnswer? {
        guard let tenant = request.tenant, let allowed = tenant.models else { return nil }
        if request.message?.isUnclearForm == true { return .modelUnclear }
        if request.dialect == nil, request.demand.model == nil { return findModel(allowed, tenant) }
        return loop.dispatcher.whyNot(model: request.demand.model, for: tenant)
    }

    /// Its tenant may not use all models. Where only one is left, its servers take what waited for another, too.
    func refusalOfOnlyModel() -> LocalAnswer? {
        let standard = request.dialect == nil ? nil : loop.dispatcher.defaultModel
        guard let model = request.demand.model ?? standard, !loop.dispatcher.servesUnderName(model) else { return nil }
        return LocalAnswer(Rejection.unknownModel(model, known: []))
    }

    /// The request takes no slot, and names no model: a server of one that its tenant may use answers it, since it may tell of
    /// that one.
    private func findModel(_ allowed: ModelPatterns, _ tenant: Tenant) -> LocalAnswer? {
        guard !request.isPage else { return nil }
        switch request.ownership {
        case .one, .holder, .wish, .all(.streams), .all(.control): return nil
        case nil, .anyone, .all(.adapters), .all(.metrics), .all(.models), .all(.properties): break
        }
        switch loop.dispatcher.allowedModel(allowed.allows) {
        case .named(let model): request.demand.model = model
        case .unknown: break
        case .none: return .noModelServed(tenant)
        }
        return nil
    }

    /// The request's tenant may not use all models.
    func refusalOfNamedServer() -> LocalAnswer? {
        guard request.namesServer, case .one(let upstream) = request.ownership, let tenant = request.tenant
        else { return nil }
        return loop.dispatcher.whyNot(on: upstream, for: tenant)
    }

    // MARK: - Budgets

    /// Takes from the tenant's budget what the request can be expected to cost.
    ///
    /// - Returns: why it can't be.
    func chargeTenant(at now: NIODeadline) -> LocalAnswer? {
        guard let tenant = request.tenant, !tenant.limits.areNone, let budgets = loop.configuration.tenants?.budgets
        else { return nil }
        var estimate = TokenEstimate(promptBytes: 0, mostGenerated: 0, answers: 1)
        if tenant.limits.countTokens, let message = request.message { estimate = message.tokenEstimate(request.demand) }
        switch budgets.admit(tenant, estimate: estimate.total, at: BudgetTime(now)) {
        case .admitted(let taken, let status):
            request.charge = RequestCharge(taken: taken, status: status, promptTokens: estimate.prompt)
            return nil
        case .refused(let limit, let wait, let status):
            var answer = LocalAnswer.rateLimited(limit, wait: wait, tenant)
            answer.budget = status
            return answer
        }
    }

    /// The request is refused for another reason, at once: it costs its tenant nothing.
    ///
    /// - Returns: what is left of the budget then.
    func takeBackCharge(at now: NIODeadline) -> BudgetStatus? {
        guard let charge = request.charge, let tenant = request.tenant else { return nil }
        request.charge = nil
        return loop.configuration.tenants?.budgets.takeBack(tenant, charge.taken, at: BudgetTime(now))
    }

    /// The answer ends before its end.
    ///
    /// - Parameter goesOn: whether only its client has left, and the upstream generates the rest of it even so.
    func leftAnswer(of upstream: UpstreamConnection, goesOn: Bool = false) {
        let generated = upstream.relay.isEventStream ? upstream.relay.countedTokens : nil
        if goesOn { request.charge?.goesOn(generated: generated) } else { request.charge?.left(generated: generated) }
    }

    /// The request is over, and it is known what it cost, or that it is not.
    func settleCharge() {
        guard let charge = request.charge, let tenant = request.tenant else { return }
        request.charge = nil
        guard tenant.limits.countTokens else { return }
        let actual = charge.actual
        if tenant.limits.tokensPerDay != nil {
            record.charge = RequestRecord.DayCharge(day: charge.taken.day, tokens: actual)
        }
        loop.configuration.tenants?.budgets.settle(tenant, charge.taken, actual: actual, at: BudgetTime(.now()))
    }

    /// What is left of the tenant's budget; empty where it has none.
    var budgetLines: [UInt8] { lines(request.charge?.status) }

    /// The same behind an answer of our own, which may be that nothing is left.
    func budgetLines(_ answer: LocalAnswer) -> [UInt8] { lines(answer.budget ?? request.charge?.status) }

    private func lines(_ status: BudgetStatus?) -> [UInt8] {
        guard let status, let dialect = request.dialect else { return [] }
        return RateLimitFields.lines(status, dialect, at: time(nil))
    }
}

extension BudgetTime {
    fileprivate init(_ now: NIODeadline) {
        self.init(uptime: Int64(clamping: now.uptimeNanoseconds), utc: time(nil))
    }
}
