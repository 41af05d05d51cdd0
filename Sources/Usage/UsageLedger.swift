public import RequestRecords
import Scheduling

/// Usage that is counted and has still to be kept, by hour, tenant and model. A value: one for each event loop, and one for
/// all of them.
public struct UsageLedger: Sendable {
    private var kept = UsageBatch()
    private var rowCount = 0
    /// The last ones, as long as they are for one tenant, model and hour: as a rule the next one is for the same, and is
    /// counted without a look at any table.
    private var run: Run?
    /// Those of the last periods, so that what was taken out still counts.
    private var names: [UsagePeriod: UsageNames] = [:]

    /// Beyond so many rows, whatever their time, what is new is counted with others: some 30 MB.
    static let mostRows = 100_000
    private static let mostPeriodsWithNames = 3

    public init() {}

    private struct Run {
        let period: UsagePeriod
        let key: UsageKey
        var counts: UsageCounts
    }

    /// All of it.
    public var batch: UsageBatch {
        guard run != nil else { return kept }
        var all = self
        all.endRun()
        return all.kept
    }

    public var isEmpty: Bool { run == nil && kept.isEmpty }

    /// A request has ended. Those for which no slot is needed don't count.
    public mutating func add(_ record: borrowing RequestRecord) {
        guard record.needsSlot, let ended = record.ended else { return }
        let time = record.time + ended.nanoseconds - record.arrived.nanoseconds
        let key = UsageKey(record)
        let period = UsagePeriod(at: max(0, time))
        if let run, run.period == period, run.key == key {
            self.run?.counts += UsageCounts(record)
        } else {
            endRun()
            run = Run(period: period, key: key, counts: UsageCounts(record))
        }
        if let charge = record.charge, let tenant = record.tenant, charge.tokens > 0 {
            add(charge.tokens, to: UsageDay(day: charge.day, tenant: tenant))
        }
    }

    /// Slots were in use for longer than their request took.
    ///
    /// - Parameter time: when they were given back, in nanoseconds since 1970.
    public mutating func add(_ use: UnreturnedSlots.Use, at time: Int64) {
        add(UsageCounts(use), to: use.key, in: UsagePeriod(at: max(0, time)))
    }

    /// What others have counted, or what could not be kept.
    public mutating func add(_ batch: UsageBatch) {
        for (period, rows) in batch.rows {
            for (key, counts) in rows { add(counts, to: key, in: period) }
        }
        for (day, tokens) in batch.charges { add(tokens, to: day) }
    }

    /// - Returns: all of it, which is in here no more.
    public mutating func takeAll() -> UsageBatch {
        endRun()
        defer {
            kept = UsageBatch()
            rowCount = 0
        }
        return kept
    }

    private mutating func endRun() {
        guard let run else { return }
        self.run = nil
        add(run.counts, to: run.key, in: run.period)
    }

    /// These are counted by their own names elsewhere already.
    mutating func know(_ keys: some Sequence<UsageKey>, in period: UsagePeriod) {
        endRun()
        for key in keys { names[period, default: UsageNames()].add(key) }
        forgetNames()
    }

    private mutating func add(_ counts: UsageCounts, to key: UsageKey, in period: UsagePeriod) {
        // As a rule it is there: its name is looked for once.
        if let row = kept.rows[period]?.index(forKey: key) {
            kept.rows[period]?.values[row] += counts
            return
        }
        let counted = names[period, default: UsageNames()].key(for: key, mayGrow: rowCount < Self.mostRows)
        if names.count > Self.mostPeriodsWithNames { forgetNames() }
        if kept.rows[period]?[counted] == nil { rowCount += 1 }
        kept.rows[period, default: [:]][counted, default: UsageCounts()] += counts
    }

    private mutating func add(_ tokens: Int, to day: UsageDay) {
        kept.charges[day] = UsageCounts.sum(kept.charges[day] ?? 0, tokens)
    }

    private mutating func forgetNames() {
        while names.count > Self.mostPeriodsWithNames, let oldest = names.keys.min(by: { $0.start < $1.start }) {
            names[oldest] = nil
        }
    }
}

extension UsageLedger {
    /// Puts hours that are over together to days, and forgets what is older.
    mutating func age(_ ages: UsageAges) {
        endRun()
        let old = kept.rows.filter { $0.key.hours == 1 && $0.key.start < ages.firstHour }
        for (period, rows) in old {
            kept.rows[period] = nil
            for (key, counts) in rows {
                kept.rows[UsagePeriod(day: period.day), default: [:]][key, default: UsageCounts()] += counts
            }
        }
        kept.rows = kept.rows.filter { $0.key.start >= ages.firstKept }
        kept.charges = kept.charges.filter { $0.key.day >= ages.firstCharged }
        rowCount = kept.rows.values.reduce(0) { $0 + $1.count }
    }
}
