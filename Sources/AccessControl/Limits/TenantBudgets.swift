import Synchronization

/// The budgets of all tenants that have limits, behind one lock that is held for arithmetic alone. Any thread may ask.
///
/// One for each number of a tenant that ever asked for something, which ``TenantNumbers`` bounds: a tenant that is taken
/// out of its file and put back has used what it had used.
public final class TenantBudgets: Sendable {
    private let budgets = Mutex<[Int: TenantBudget]>([:])

    /// - Returns: as ``TenantBudget/admit(estimate:at:)``.
    public func admit(_ tenant: Tenant, estimate: Int, at now: BudgetTime) -> TenantBudget.Admission {
        budgets.withLock { budgets in
            budgets[tenant.number, default: TenantBudget(tenant.limits, at: now)].admit(
                tenant.limits,
                estimate,
                at: now
            )
        }
    }

    public func settle(_ tenant: Tenant, _ charge: TokenCharge, actual: Int, at now: BudgetTime) {
        budgets.withLock { $0[tenant.number]?.settle(charge, actual: actual, at: now) }
    }
}

extension TenantBudget {
    /// - Parameter limits: those of now.
    fileprivate mutating func admit(_ limits: TenantLimits, _ estimate: Int, at now: BudgetTime) -> Admission {
        setLimits(limits, at: now)
        return admit(estimate: estimate, at: now)
    }
}
