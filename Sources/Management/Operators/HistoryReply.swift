import FleetMetrics

/// `GET /api/v1/history`: the last quarter of an hour, second by second, as columns of equal length, the oldest first.
struct HistoryReply: Codable, Equatable {
    let intervalMilliseconds: Int
    /// The last sample's; null while there is none. The others count down from it without gaps.
    @NullWhenNil var lastNumber: Int?
    /// When the last sample was taken; null while there is none.
    @NullWhenNil var endsAt: SystemTime?
    let columns: Columns

    struct Columns: Codable, Equatable {
        let slotsTotal: [Int]
        let slotsBusy: [Int]
        let queued: [Int]
        let requests: [Int]
        let rejected: [Int]
        let tokensGenerated: [Int]
        let tokensPrompt: [Int]
        let timeToFirstTokenMedian: [Double?]
        let timeToFirstToken95: [Double?]
    }

    /// One line across the columns.
    struct Sample: Codable, Equatable {
        let number: Int
        let slotsTotal: Int
        let slotsBusy: Int
        let queued: Int
        /// Answered in this second.
        let requests: Int
        /// Refused, or broken off, in this second.
        let rejected: Int
        let tokensGenerated: Int
        /// Found in a cache or computed.
        let tokensPrompt: Int
        /// Milliseconds.
        @NullWhenNil var timeToFirstTokenMedian: Double?
        /// Milliseconds.
        @NullWhenNil var timeToFirstToken95: Double?
    }

    init(_ history: FleetHistory, on wallClock: WallClockOffset) {
        intervalMilliseconds = 1000
        lastNumber = history.samples.last?.number
        endsAt = history.taken.map(wallClock.time(at:))
        columns = Columns(history.samples.map(Sample.init))
    }

    enum CodingKeys: String, CodingKey {
        case intervalMilliseconds = "interval_ms"
        case lastNumber = "last_number"
        case endsAt = "ends_at"
        case columns
    }
}

extension HistoryReply.Sample {
    init(_ sample: HistorySample) {
        number = sample.number
        slotsTotal = sample.slotsTotal
        slotsBusy = sample.slotsBusy
        queued = sample.queued
        requests = sample.answered
        rejected = sample.rejected
        tokensGenerated = sample.tokens.generated
        tokensPrompt = sample.tokens.promptComputed + sample.tokens.promptCached
        timeToFirstTokenMedian = sample.timeToFirstToken.map { Self.milliseconds($0.median) }
        timeToFirstToken95 = sample.timeToFirstToken.map { Self.milliseconds($0.percentile95) }
    }

    /// To a tenth: the histogram knows no more.
    private static func milliseconds(_ seconds: Double) -> Double {
        (seconds * 10_000).rounded() / 10
    }

    enum CodingKeys: String, CodingKey {
        case number
        case slotsTotal = "slots_total"
        case slotsBusy = "slots_busy"
        case queued
        case requests
        case rejected
        case tokensGenerated = "tokens_generated"
        case tokensPrompt = "tokens_prompt"
        case timeToFirstTokenMedian = "ttft_p50_ms"
        case timeToFirstToken95 = "ttft_p95_ms"
    }
}

extension HistoryReply.Columns {
    init(_ samples: [HistoryReply.Sample]) {
        slotsTotal = samples.map(\.slotsTotal)
        slotsBusy = samples.map(\.slotsBusy)
        queued = samples.map(\.queued)
        requests = samples.map(\.requests)
        rejected = samples.map(\.rejected)
        tokensGenerated = samples.map(\.tokensGenerated)
        tokensPrompt = samples.map(\.tokensPrompt)
        timeToFirstTokenMedian = samples.map(\.timeToFirstTokenMedian)
        timeToFirstToken95 = samples.map(\.timeToFirstToken95)
    }

    enum CodingKeys: String, CodingKey {
        case slotsTotal = "slots_total"
        case slotsBusy = "slots_busy"
        case queued
        case requests
        case rejected
        case tokensGenerated = "tokens_generated"
        case tokensPrompt = "tokens_prompt"
        case timeToFirstTokenMedian = "ttft_p50_ms"
        case timeToFirstToken95 = "ttft_p95_ms"
    }
}
