import Scheduling

// Whose requests there are, and what these may have.

extension Simulation {
    /// Nobody has more running than it may, as far as the world knows.
    func checkTenant(of request: ExpectedRequest) throws(Violation) {
        guard let terms = request.demand.terms, let limit = terms.maximumRunning else { return }
        let running = requests.count { !$0.isQueued && $0.demand.terms?.tenant == terms.tenant }
        guard running <= limit else {
            throw Violation(.tenantLimits, "\(running) of \(terms.tenant.number)'s requests run, and \(limit) may")
        }
    }

    func waiting(of terms: TenantTerms) -> Int {
        requests.count { $0.isQueued && $0.demand.terms?.tenant == terms.tenant && hold(of: $0) == nil }
    }

    /// Before a request is handed in: whether it may wait for all that its tenant has waiting.
    func mayWait(_ terms: TenantTerms?) -> Bool {
        guard let terms, let limit = terms.maximumWaiting else { return true }
        return waiting(of: terms) < limit
    }

    /// A tenant of whom nobody waits has a place beyond the limit.
    func hasOwnPlace(_ terms: TenantTerms?) -> Bool {
        guard let terms, profile.configuration.maximumQueued > 0 else { return false }
        return waiting(of: terms) == 0
    }

    /// Whether its tenant has as much running as it may, slots that cool and requests that are held included: then it waits
    /// beside idle slots.
    func isAtLimit(_ request: ExpectedRequest) -> Bool {
        guard case .queued(let ticket, _, _) = request.state else { return false }
        return scheduler.waitsForItsTenant(ticket)
    }

    /// Those of one tenant and class come first who came first. Those of a better class come before others, unless the others'
    /// has been passed over for as long as it may.
    ///
    /// - Parameter passedOver: whether those of the other's class had been passed over for so long.
    /// - Returns: whether the one that waits comes before the one that got a slot.
    func comes(_ waiting: ExpectedRequest, before served: ExpectedRequest, passedOver: Bool) -> Bool {
        // In another pool there may be others before it.
        let mayBeOfOnePool = hasOnePool || !profile.differs && waiting.model == served.model
        guard profile.tenants.isEmpty || mayBeOfOnePool else { return false }
        if waiting.demand.terms?.tenant == served.demand.terms?.tenant,
            waiting.demand.priority == served.demand.priority
        {
            return waiting.id.rawValue < served.id.rawValue
        }
        return waiting.demand.priority < served.demand.priority && !passedOver
    }

    private var hasOnePool: Bool { !profile.differs && !scheduler.hasSeveralModels }

    func wasPassedOver(_ priority: UInt8) -> Bool {
        let patience = profile.configuration.classPatience
        // Threads don't agree on the time. With several pools, each has its own classes.
        return !hasOnePool || servedClasses[priority].map { $0 + patience <= now + .milliseconds(2) } ?? true
    }
}
