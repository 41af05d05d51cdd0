/// What is left of a tenant's budget, for its programs to pace themselves.
public struct BudgetStatus: Equatable, Sendable {
    public struct Meter: Equatable, Sendable {
        public let limit: Int
        public let left: Int
        /// In nanoseconds: until all of it is there again.
        public let untilFull: Int64
    }

    /// nil: they aren't limited.
    public let requests: Meter?
    /// Of a limit for each minute and one for each day that of which less is left; nil: they aren't limited.
    public let tokens: Meter?
}
