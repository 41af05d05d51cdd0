import RequestRecords

/// For whom, and with which model, usage is counted.
public struct UsageKey: Hashable, Sendable {
    /// A tenant's name, or where clients are told apart by their addresses one of these; empty: nobody in particular.
    public var tenant: String
    /// As requests name it; empty: they name none, or were given to no server.
    public var model: String

    public init(tenant: String, model: String) {
        self.tenant = tenant
        self.model = model
    }

    /// Of a request.
    init(_ record: borrowing RequestRecord) {
        self.init(tenant: record.tenantName, model: record.attempts > 0 ? record.model ?? "" : "")
    }

    /// What is counted together, since there are too many names. No tenant may have such a name.
    public static let others = "(others)"
}
