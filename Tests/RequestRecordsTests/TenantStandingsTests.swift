import RequestRecords
import Scheduling
import Testing

@Suite("What tenants have under way")
struct TenantStandingsTests {
    private static func moment(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private static func record(_ tenant: String?, needsSlot: Bool = true) -> RequestRecord {
        var record = RequestRecord(.made(0, 1), time: 0, arrived: moment(0))
        record.tenant = tenant
        record.needsSlot = needsSlot
        return record
    }

    @Test(
        "slots are counted where requests have them, and waits from when they began, earlier ones of the request included"
    )
    func counted() {
        var standings = TenantStandings()
        var runs = Self.record("a")
        runs.takes(slots: 3, at: Self.moment(1))
        standings.add(runs, at: .answering, now: Self.moment(9))
        var waits = Self.record("a")
        waits.waits(since: Self.moment(1))
        waits.stopsWaiting(at: Self.moment(3))
        waits.takes(slots: 1, at: Self.moment(3))
        // It was broken off, and waits again.
        waits.waits(since: Self.moment(5))
        standings.add(waits, at: .queued, now: Self.moment(9))
        let standing = standings.standings["a"]
        #expect(standing?.slots == 3 && standing?.waiting == 1 && standing?.longestWait == 6_000_000_000)
        #expect(standings.standings.count == 1)
    }

    @Test("those that are coming in, or need no slot, are nowhere")
    func none() {
        var standings = TenantStandings()
        standings.add(Self.record("a"), at: .reading, now: Self.moment(1))
        standings.add(Self.record("a", needsSlot: false), at: .queued, now: Self.moment(1))
        #expect(standings.standings.isEmpty)
    }

    @Test("loops together have the sum, and the longest wait")
    func together() {
        var (one, other) = (TenantStandings(), TenantStandings())
        var waits = Self.record(nil)
        waits.waits(since: Self.moment(1))
        one.add(waits, at: .queued, now: Self.moment(5))
        other.add(waits, at: .queued, now: Self.moment(3))
        other.add(waits, at: .queued, now: Self.moment(2))
        one.add(other)
        #expect(one.standings[""]?.waiting == 3 && one.standings[""]?.longestWait == 4_000_000_000)
    }
}
