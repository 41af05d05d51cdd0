/// One second of the fleet.
public struct HistorySample: Equatable, Sendable {
    /// Seconds since the history began. Samples follow each other without gaps.
    public var number: Int
    /// Of usable upstreams, at the second's end.
    public var slotsTotal = 0
    /// Of these: in use, by whomever.
    public var slotsBusy = 0
    /// Requests that waited for a slot at the second's end.
    public var queued = 0
    /// Requests answered by an upstream in this second.
    public var answered = 0
    /// Requests refused, and answers that broke off, in this second.
    public var rejected = 0
    /// Generated in this second, or of prompts whose answers ended in it. Those of an answer that isn't streamed count when
    /// it ends.
    public var tokens = TokenCounts()
    /// From sending a request to the first event of its streamed answer, over the last
    /// ``FleetHistory/timeToFirstTokenWindow`` seconds; nil when none began in them.
    public var timeToFirstToken: Latency?

    /// Estimates from a histogram, in seconds.
    public struct Latency: Equatable, Sendable {
        public var median: Double
        public var percentile95: Double
    }

    public init(number: Int) {
        self.number = number
    }
}
