import Synchronization

/// The budgets of all tenants that have limits, behind one lock that is held for arithmetic alone. Any thread may ask.
///
/// One for each number of a tenant that ever asked for something, which ``TenantNumbers`` bounds: a tenant that is taken
/// out of its file and put back has used what it had used.
public final class TenantBudgets: Sendable {
    private let state = Mutex(State())

    private struct State {
        var budgets: [Int: TenantBudget] = [:]
        /// Of each tenant's day, by its name, before this process began; taken out as tenants come.
        var past: (day: Int, tokens: [String: Int]) = (0, [:])

        mutating func takePast(of tenant: Tenant, at now: BudgetTime) -> Int? {
            if CivilDate(secondsSince1970: now.utc).daysSince1970 > past.day {
                past.tokens = [:]
                return nil
            }
            // Nobody who has no such budget now has one taken from.
            return tenant.limits.tokensPerDay == nil ? nil : past.tokens.removeValue(forKey: tenant.name)
        }
    }

    /// What tenants had used of their daily budgets when this process began. To be called once; what they have used since
    /// then counts beside it.
    ///
    /// - Parameters:
    ///   - tokens: by tenants' names.
    ///   - day: on which, since 1970-01-01, in UTC; on later ones it is over.
    public func restore(_ tokens: [String: Int], of day: Int) {
        state.withLock { $0.past = (day, tokens) }
    }

    /// - Returns: as ``TenantBudget/admit(estimate:at:)``.
    public func admit(_ tenant: Tenant, estimate: Int, at now: BudgetTime) -> TenantBudget.Admission {
        state.withLock { state in
            let past = state.past.tokens.isEmpty ? nil : state.takePast(of: tenant, at: now)
            return state.budgets[tenant.number, default: TenantBudget(tenant.limits, at: now)].admit(
                tenant.limits,
                estimate,
                past: past ?? 0,
                at: now
            )
        }
    }

    public func settle(_ tenant: Tenant, _ charge: TokenCharge, actual: Int, at now: BudgetTime) {
        state.withLock { $0.budgets[tenant.number]?.settle(charge, actual: actual, at: now) }
    }
}

extension TenantBudget {
    /// - Parameters:
    ///   - limits: those of now.
    ///   - past: what is still to be counted of the time before this process.
    fileprivate mutating func admit(
        _ limits: TenantLimits,
        _ estimate: Int,
        past: Int,
        at now: BudgetTime
    ) -> Admission {
        setLimits(limits, at: now)
        if past > 0 { add(past: past, at: now) }
        return admit(estimate: estimate, at: now)
    }
}
