/// Whose request it is, and what that tenant may have of the fleet. The latest ones count for all of its requests.
public struct TenantTerms: Equatable, Sendable {
    public var tenant: TenantID
    /// How many times as much slot time as a tenant of weight 1, where both want more than there is; 1 ... 1000.
    public var weight: Int
    /// How many of its requests may have slots at one time; nil: any number.
    public var maximumRunning: Int?
    /// How many of its requests may wait at one time; nil: as many as there is room for.
    public var maximumWaiting: Int?

    /// - Parameters:
    ///   - weight: moved into range.
    ///   - maximumRunning: at least 1.
    public init(tenant: TenantID, weight: Int = 1, maximumRunning: Int? = nil, maximumWaiting: Int? = nil) {
        self.tenant = tenant
        self.weight = min(max(1, weight), Self.mostWeight)
        self.maximumRunning = maximumRunning.map { max(1, $0) }
        self.maximumWaiting = maximumWaiting.map { max(0, $0) }
    }

    static let mostWeight = 1000
}
