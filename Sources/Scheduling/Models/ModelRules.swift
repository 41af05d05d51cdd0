/// What an operator says of the names by which requests call models.
public struct ModelRules: Equatable, Sendable {
    /// By a name in requests: the models that it stands for, the first one preferred. No list is empty, and no name in one
    /// is an alias itself.
    public var aliases: [String: [String]] = [:]
    /// How long a request waits for one model of a list before the next is tried; nil: for as long as that has a usable
    /// server. Not negative.
    public var fallbackAfter: Duration? = .seconds(10)
    /// How many requests may wait for a model, by its name, where that is fewer than may wait for any. Not negative.
    public var maximumQueued: [String: Int] = [:]

    public init() {}
}
