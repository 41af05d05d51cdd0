import LlamaServer
import RequestRecords
import Scheduling
import Testing

@testable import Usage

@Suite("Counting usage")
struct UsageLedgerTests {
    @Test("a request counts in the hour in which it ended, for its tenant and the model that it named")
    func oneRequest() throws {
        var ledger = UsageLedger()
        var record = Sample.begun(tenant: "team-a", model: "alpha", at: Sample.midnight - 1)
        record.waits(since: Instant(nanoseconds: 0))
        record.takes(slots: 1, at: Instant(nanoseconds: 500_000_000))
        record.goes(to: Sample.route, named: nil)
        record.usage = ReportedUsage(promptComputed: 10, promptCached: 5, generated: 7)
        record.stopsWaiting(at: Instant(nanoseconds: 500_000_000))
        record.ends(.answered, at: Instant(nanoseconds: 2_000_000_000))
        ledger.add(record)
        let rows = try #require(ledger.batch.rows[UsagePeriod(hour: Sample.midnight / 3600)])
        let counts = try #require(rows[UsageKey(tenant: "team-a", model: "alpha")])
        #expect(rows.count == 1 && counts.requests == 1 && counts.refused == 0)
        #expect(counts.tokensComputed == 10 && counts.tokensCached == 5 && counts.tokensGenerated == 7)
        #expect(counts.slotTime == 1_500_000 && counts.waited == 500_000)
    }

    @Test("slot time is that of all attempts, and with several slots that of each")
    func slotTime() {
        var record = Sample.begun(tenant: "a", model: nil)
        record.takes(slots: 2, at: Instant(nanoseconds: 1_000_000))
        record.waits(since: Instant(nanoseconds: 4_000_000))
        record.stopsWaiting(at: Instant(nanoseconds: 9_000_000))
        record.takes(slots: 1, at: Instant(nanoseconds: 9_000_000))
        record.takes(slots: 3, at: Instant(nanoseconds: 10_000_000))
        record.ends(.answered, at: Instant(nanoseconds: 20_000_000))
        #expect(record.slotTime == 6_000_000 + 1_000_000 + 30_000_000)
    }

    @Test("slots that are given back after their request's end count until then, once, in the hour in which they are")
    func unreturned() throws {
        var ledger = UsageLedger()
        var slots = UnreturnedSlots()
        var record = Sample.begun(tenant: "a", model: "alpha", at: Sample.midnight - 2)
        record.takes(slots: 2, at: Instant(nanoseconds: 0))
        record.goes(to: Sample.route, named: nil)
        record.ends(.clientLeft(.answering), at: Instant(nanoseconds: 1_000_000_000))
        ledger.add(record)
        let id = RequestID(rawValue: 1)
        slots.add(2, of: id, record)
        for second in Int64(3)...4 {
            let now = Instant(nanoseconds: second * 1_000_000_000)
            let use = slots.giveBack(1, of: id, at: now)
            ledger.add(try #require(use), at: record.time + now.nanoseconds)
        }
        let again = slots.giveBack(1, of: id, at: Instant(nanoseconds: 5_000_000_000))
        #expect(again == nil && slots.isEmpty)
        let key = UsageKey(tenant: "a", model: "alpha")
        let before = try #require(ledger.batch.rows[UsagePeriod(hour: Sample.midnight / 3600 - 1)]?[key])
        let after = try #require(ledger.batch.rows[UsagePeriod(hour: Sample.midnight / 3600)]?[key])
        #expect(before.requests == 1 && before.slotTime == 2_000_000)
        #expect(after.requests == 0 && after.slotTime == 2_000_000 + 3_000_000)
    }

    @Test("what nobody will give back any more counts until now")
    func neverReturned() {
        var slots = UnreturnedSlots()
        for (number, tenant) in [(UInt64(1), "a"), (2, "b")] {
            slots.add(Int(number), of: RequestID(rawValue: number), Sample.ended(tenant: tenant, model: nil))
        }
        let uses = slots.giveBackAll(at: Instant(nanoseconds: 11_000_000)).sorted { $0.time < $1.time }
        #expect(uses.map(\.key.tenant) == ["a", "b"] && uses.map(\.time) == [10_000_000, 20_000_000])
        #expect(slots.isEmpty)
    }

    @Test("what no server was given has no model, and counts with why it was refused")
    func refused() throws {
        var ledger = UsageLedger()
        for reason in [RequestOutcome.Refusal.unknownModel, .queueFull, .queueFull] {
            var record = Sample.begun(tenant: nil, model: "made-up")
            record.ends(.refused(reason), at: Instant(nanoseconds: 1))
            ledger.add(record)
        }
        let rows = try #require(ledger.batch.rows.values.first)
        let counts = try #require(rows[UsageKey(tenant: "", model: "")])
        #expect(rows.count == 1 && counts.requests == 3 && counts.refused == 3)
        #expect(counts.refusals == ["unknown_model": 1, "queue_full": 2])
    }

    @Test("requests for which no slot is needed don't count")
    func slotless() {
        var ledger = UsageLedger()
        var record = Sample.begun(tenant: "a", model: nil)
        record.needsSlot = false
        record.ends(.answeredHere, at: Instant(nanoseconds: 1))
        ledger.add(record)
        #expect(ledger.batch.isEmpty)
    }

    @Test("a cut stream counts with the tokens that were seen, and no answer can overflow a sum")
    func cutAndHuge() {
        var record = Sample.begun(tenant: "a", model: nil)
        record.countedTokens = 3
        record.ends(.cut(.brokenOff), at: Instant(nanoseconds: 1))
        #expect(UsageCounts(record).tokensGenerated == 3)
        record.usage = ReportedUsage(promptComputed: .max, promptCached: -1, generated: .max)
        var counts = UsageCounts(record)
        #expect(counts.tokensComputed < 1 << 46 && counts.tokensCached == 0)
        counts.slotTime = .max
        counts += counts
        #expect(counts.slotTime == .max)
    }

    @Test("beyond some models of a tenant and some names of all, what is new counts with others, and nothing is lost")
    func bounds() throws {
        var ledger = UsageLedger()
        for model in 0..<1000 { ledger.add(Sample.ended(tenant: "one", model: "\(model)")) }
        for tenant in 0..<20_000 { ledger.add(Sample.ended(tenant: "\(tenant)", model: "m")) }
        // Whoever was there keeps its own row.
        ledger.add(Sample.ended(tenant: "one", model: "new"))
        ledger.add(Sample.ended(tenant: "0", model: "m"))
        let rows = try #require(ledger.batch.rows.values.first)
        #expect(rows.count == UsageNames.most + 2)
        #expect(rows[UsageKey(tenant: "one", model: UsageKey.others)]?.requests == 901)
        #expect(rows[UsageKey(tenant: "0", model: "m")]?.requests == 2)
        #expect(rows[UsageKey(tenant: UsageKey.others, model: UsageKey.others)]?.requests == 10_100)
        #expect(rows.values.reduce(0) { $0 + $1.requests } == 21_002)
        // What was taken out counts on.
        _ = ledger.takeAll()
        ledger.add(Sample.ended(tenant: "newer", model: "m"))
        ledger.add(Sample.ended(tenant: "1", model: "m"))
        let later = try #require(ledger.batch.rows.values.first)
        #expect(Set(later.keys.map(\.tenant)) == ["1", UsageKey.others])
    }

    @Test("what can't be kept for long has a bound, too, whatever its hours")
    func boundOfAll() {
        var ledger = UsageLedger()
        for hour in 0..<20 {
            for tenant in 0..<9000 {
                ledger.add(Sample.ended(tenant: "\(tenant)", model: nil, at: Sample.midnight + hour * 3600))
            }
        }
        let rows = ledger.batch.rows.values.map(\.count).reduce(0, +)
        #expect(rows >= UsageLedger.mostRows && rows <= UsageLedger.mostRows + 20)
        #expect(ledger.batch.rows.values.flatMap(\.values).reduce(0) { $0 + $1.requests } == 180_000)
    }

    @Test("hours are put together to days after a month, and forgotten when they are too old")
    func ages() {
        var ledger = UsageLedger()
        let now = Sample.midnight + 12 * 3600
        for daysAgo in [0, 31, 32, 32, 100, 101] {
            ledger.add(Sample.ended(tenant: "a", model: nil, at: now - daysAgo * 86_400))
        }
        ledger.age(UsageAges(at: now, retention: 100))
        let today = now / 86_400
        #expect(
            Set(ledger.batch.rows.keys) == [
                UsagePeriod(hour: today * 24 + 12), UsagePeriod(hour: (today - 31) * 24 + 12),
                UsagePeriod(day: today - 32), UsagePeriod(day: today - 100),
            ]
        )
        #expect(ledger.batch.rows[UsagePeriod(day: today - 32)]?.values.first?.requests == 2)
    }

    @Test("charges are those of the day on which a request was let in")
    func charges() {
        var ledger = UsageLedger()
        for tokens in [5, 6] {
            var record = Sample.begun(tenant: "a", model: nil)
            record.charge = RequestRecord.DayCharge(day: 7, tokens: tokens)
            record.ends(.answered, at: Instant(nanoseconds: 1))
            ledger.add(record)
        }
        #expect(ledger.takeAll().charges == [UsageDay(day: 7, tenant: "a"): 11])
        #expect(ledger.batch.isEmpty)
    }
}
