import AccessControl
import Scheduling

// What tenants may have of the fleet, whether they ask for it or an operator asks what would become of it.

extension Dispatcher {
    /// Why a tenant may not ask for a model; nil: it may.
    ///
    /// - Parameter model: as the request names it; nil: it names none.
    func whyNot(model: String?, for tenant: Tenant) -> LocalAnswer? {
        guard tenant.models != nil else { return nil }
        guard let model = model ?? defaultModel else { return .modelNotNamed(tenant) }
        guard tenant.mayUse(model) else { return .modelForbidden(model, tenant) }
        return servesUnderName(model) ? nil : LocalAnswer(Rejection.unknownModel(model, known: []))
    }

    /// Why a tenant may not have a request answered by a server that it names; nil: it may.
    func whyNot(on upstream: NamedUpstream, for tenant: Tenant) -> LocalAnswer? {
        guard let allowed = tenant.models, let models = self.upstream(at: upstream.route.address)?.models else {
            return nil
        }
        return models.isEmpty || models.contains(where: allowed.allows) ? nil : .serverForbidden(tenant)
    }
}

extension TenantTerms {
    init(_ tenant: Tenant) {
        self.init(
            tenant: TenantID(number: UInt32(truncatingIfNeeded: tenant.number)),
            weight: tenant.weight,
            maximumRunning: tenant.maximumRunning,
            maximumWaiting: tenant.maximumWaiting
        )
    }
}
