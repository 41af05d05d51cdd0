import LlamaServer
import Scheduling

/// Which requests are asked for.
public struct RequestFilter: Sendable {
    /// nil: anybody's.
    public var tenant: String?
    /// The address of an upstream, or what people call it; nil: any.
    public var upstream: String?
    public var outcome: RequestOutcome.Kind?

    public init(tenant: String? = nil, upstream: String? = nil, outcome: RequestOutcome.Kind? = nil) {
        self.tenant = tenant
        self.upstream = upstream
        self.outcome = outcome
    }

    public func lets(_ record: borrowing RequestRecord) -> Bool {
        if let tenant, record.tenant != tenant { return false }
        if let outcome, record.outcome.kind != outcome { return false }
        guard let upstream else { return true }
        return record.upstreamName == upstream || record.route?.address.description == upstream
    }
}
