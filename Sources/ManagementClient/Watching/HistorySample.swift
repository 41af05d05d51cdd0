/// What one second was like. Nil: not known, or nothing to measure.
package struct HistorySample: Equatable, Sendable {
    /// Counts up by one for each second, from the balancer's start.
    package var number: Int
    package var slotsTotal: Double?
    package var slotsBusy: Double?
    package var queued: Double?
    package var requests: Double?
    package var rejected: Double?
    package var tokensGenerated: Double?
    package var tokensPrompt: Double?
    package var firstTokenMedianMilliseconds: Double?
    package var firstToken95Milliseconds: Double?

    package init(number: Int) {
        self.number = number
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case number
        case slotsTotal = "slots_total"
        case slotsBusy = "slots_busy"
        case queued, requests, rejected
        case tokensGenerated = "tokens_generated"
        case tokensPrompt = "tokens_prompt"
        case firstTokenMedianMilliseconds = "ttft_p50_ms"
        case firstToken95Milliseconds = "ttft_p95_ms"
    }

    static let columns: [(CodingKeys, any WritableKeyPath<HistorySample, Double?> & Sendable)] = [
        (.slotsTotal, \.slotsTotal), (.slotsBusy, \.slotsBusy), (.queued, \.queued), (.requests, \.requests),
        (.rejected, \.rejected), (.tokensGenerated, \.tokensGenerated), (.tokensPrompt, \.tokensPrompt),
        (.firstTokenMedianMilliseconds, \.firstTokenMedianMilliseconds),
        (.firstToken95Milliseconds, \.firstToken95Milliseconds),
    ]
}

extension HistorySample: Decodable {
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        number = try values.decode(Int.self, forKey: .number)
        for (key, path) in Self.columns { self[keyPath: path] = values.amount(key) }
    }
}
