import LlamaServer
public import RequestRecords

/// What somebody got. Sums stop at the largest number there is.
public struct UsageCounts: Equatable, Sendable {
    /// That ended, whichever way.
    public var requests = 0
    /// Those among them that the balancer refused, by ``RequestOutcome/Refusal``'s words.
    public var refusals: [String: Int] = [:]
    /// Of prompts, computed.
    public var tokensComputed = 0
    /// Of prompts, found in a cache.
    public var tokensCached = 0
    public var tokensGenerated = 0
    /// How long slots were taken, in microseconds: of nanoseconds, 64 bits hold no more than 300 slots in a year.
    public var slotTime = 0
    /// For slots, in microseconds.
    public var waited = 0

    public init() {}

    /// One request that ended.
    public init(_ record: borrowing RequestRecord) {
        requests = 1
        if case .refused(let refusal) = record.outcome { refusals[refusal.rawValue] = 1 }
        if let usage = record.usage {
            tokensComputed = Self.sane(usage.promptComputed)
            tokensCached = Self.sane(usage.promptCached)
        }
        tokensGenerated = Self.sane(record.tokensGenerated ?? 0)
        slotTime = Self.sane(Int(record.slotTime / 1000))
        waited = Self.sane(Int(record.waited / 1000))
    }

    /// Slots that were in use after the end of a request, which is counted already.
    init(_ use: UnreturnedSlots.Use) {
        slotTime = Self.sane(Int(use.time / 1000))
    }

    public var refused: Int { refusals.values.reduce(0, Self.sum) }

    public static func += (counts: inout UsageCounts, more: UsageCounts) {
        counts.requests = sum(counts.requests, more.requests)
        for (reason, count) in more.refusals { counts.refusals[reason] = sum(counts.refusals[reason] ?? 0, count) }
        counts.tokensComputed = sum(counts.tokensComputed, more.tokensComputed)
        counts.tokensCached = sum(counts.tokensCached, more.tokensCached)
        counts.tokensGenerated = sum(counts.tokensGenerated, more.tokensGenerated)
        counts.slotTime = sum(counts.slotTime, more.slotTime)
        counts.waited = sum(counts.waited, more.waited)
    }

    static func sum(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : sum
    }

    /// Of one request, so that a database's sums of whole numbers don't overflow whatever a server says.
    private static func sane(_ count: Int) -> Int { min(max(0, count), mostOfOne) }

    /// As microseconds a year and a half.
    private static let mostOfOne = 1 << 45
}
