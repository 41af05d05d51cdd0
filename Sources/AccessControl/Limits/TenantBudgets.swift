import Synchronization

/// The budgets of all tenants that have limits, behind one lock that is held for arithmetic alone. Any thread may ask.
///
/// One for each number of a tenant that ever asked for something, which ``TenantNumbers`` bounds: a tenant that is taken
/// out of its file and put back has used what it had used.
public final class TenantBudgets: Sendable {
    private let state = Mutex(State())

    private struct State {
        var budgets: [Int: TenantBudget] = [:]
        /// Of a tenant's day, by its name, and not counted yet: that is done when it comes.
        var foreign: (day: Int, tokens: [String: Int]) = (0, [:])

        mutating func takeForeign(of tenant: Tenant, at now: BudgetTime) -> Int? {
            if CivilDate(secondsSince1970: now.utc).daysSince1970 > foreign.day {
                foreign.tokens = [:]
                return nil
            }
            // Nobody who has no such budget now has one taken from.
            return tenant.limits.tokensPerDay == nil ? nil : foreign.tokens.removeValue(forKey: tenant.name)
        }
    }

    /// So much more was used of tenants' daily budgets by way of others: of processes before this one, or beside it.
    ///
    /// - Parameters:
    ///   - tokens: by tenants' names.
    ///   - day: on which, since 1970-01-01, in UTC; on later ones it is over.
    public func addForeign(_ tokens: [String: Int], of day: Int) {
        state.withLock { state in
            if day > state.foreign.day { state.foreign = (day, [:]) }
            guard day == state.foreign.day else { return }
            state.foreign.tokens.merge(tokens) { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }
        }
    }

    /// - Returns: as ``TenantBudget/admit(estimate:at:)``.
    public func admit(_ tenant: Tenant, estimate: Int, at now: BudgetTime) -> TenantBudget.Admission {
        state.withLock { state in
            let foreign = state.foreign.tokens.isEmpty ? nil : state.takeForeign(of: tenant, at: now)
            return state.budgets[tenant.number, default: TenantBudget(tenant.limits, at: now)].admit(
                tenant.limits,
                estimate,
                foreign: foreign ?? 0,
                at: now
            )
        }
    }

    public func settle(_ tenant: Tenant, _ charge: TokenCharge, actual: Int, at now: BudgetTime) {
        state.withLock { $0.budgets[tenant.number]?.settle(charge, actual: actual, at: now) }
    }

    /// - Returns: as ``TenantBudget/takeBack(_:at:)``.
    public func takeBack(_ tenant: Tenant, _ charge: TokenCharge, at now: BudgetTime) -> BudgetStatus? {
        state.withLock { $0.budgets[tenant.number]?.takeBack(charge, at: now) }
    }
}

extension TenantBudget {
    /// - Parameters:
    ///   - limits: those of now.
    ///   - foreign: what others have used of its day, as far as it isn't counted yet.
    fileprivate mutating func admit(
        _ limits: TenantLimits,
        _ estimate: Int,
        foreign: Int,
        at now: BudgetTime
    ) -> Admission {
        setLimits(limits, at: now)
        if foreign > 0 { add(foreign: foreign, at: now) }
        return admit(estimate: estimate, at: now)
    }
}
