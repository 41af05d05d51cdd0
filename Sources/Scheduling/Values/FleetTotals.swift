/// The fleet and its queue in numbers, for whoever asks every second and wants no more.
public struct FleetTotals: Equatable, Sendable {
    public let summary: FleetSummary
    /// Upstreams whose agents went without a word.
    public let lost: Int
    /// Requests that wait.
    public let queued: Int
}
