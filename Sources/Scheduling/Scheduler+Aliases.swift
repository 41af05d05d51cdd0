// What requests may call models besides their own names.

extension Scheduler {
    /// From now on requests are placed by these rules; those that wait stay where they are.
    public mutating func setModelRules(_ rules: ModelRules, at now: Instant) {
        _ = advance(to: now)
        modelRules = rules
    }
}
