/// What a row of an answer is about.
public struct UsageGroup: Hashable, Sendable {
    /// The hour, or the first one of the day, counted since 1970 in UTC; nil: rows aren't told apart by it.
    public let start: Int?
    /// Empty: nobody in particular; nil: rows aren't told apart by it.
    public let tenant: String?
    /// Empty: none; nil: rows aren't told apart by it.
    public let model: String?

    public init(start: Int?, tenant: String?, model: String?) {
        self.start = start
        self.tenant = tenant
        self.model = model
    }
}
