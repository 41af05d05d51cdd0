import LlamaServer
import RequestRecords
import Scheduling
import Testing

@Suite("Records of requests")
struct RequestRecordTests {
    private func moment(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func record(at milliseconds: Int64 = 0) -> RequestRecord {
        RequestRecord(.made(1, 2), time: 0, arrived: moment(milliseconds))
    }

    @Test("waits add up, and one that goes on counts until now")
    func waits() {
        var record = record()
        record.waits(since: moment(10))
        record.stopsWaiting(at: moment(30))
        record.stopsWaiting(at: moment(50))
        record.waits(since: moment(100))
        record.waits(since: moment(110))
        var now = record
        now.stands(at: .queued, now: moment(105))
        #expect(now.waited == 25_000_000 && now.outcome == .running(.queued))
        record.ends(.clientLeft(.queued), at: moment(140))
        #expect(record.waited == 60_000_000)
    }

    @Test("a stream's pace is that of the tokens behind its first event")
    func paceOfStream() {
        var record = record()
        record.sent = moment(0)
        record.firstToken = moment(1000)
        record.usage = ReportedUsage(promptComputed: 9, promptCached: 1, generated: 21, promptMilliseconds: 900)
        record.ends(.answered, at: moment(3000))
        #expect(record.tokensPerSecond == 10)
        #expect(record.tokensPrompt == 10)
    }

    @Test("a whole answer's pace is that of the time that its prompt didn't take")
    func paceOfWhole() {
        var record = record()
        record.sent = moment(500)
        record.usage = ReportedUsage(promptComputed: 9, promptCached: 0, generated: 20, promptMilliseconds: 500)
        record.ends(.answered, at: moment(3000))
        #expect(record.tokensPerSecond == 10)
    }

    @Test("without tokens, or without time between them, there is no pace")
    func noPace() {
        var record = record()
        record.firstToken = moment(10)
        record.countedTokens = 1
        record.ends(.answered, at: moment(20))
        #expect(record.tokensPerSecond == nil)
        record.countedTokens = 5
        record.ends(.answered, at: moment(10))
        #expect(record.tokensPerSecond == nil)
        #expect(record.tokensGenerated == 5 && record.tokensPrompt == nil)
    }

    @Test("of those that ended the last ones are kept, the newest first")
    func recent() {
        var recent = RecentRequests()
        #expect(recent.newestFirst.isEmpty)
        for number in 0..<Int64(RecentRequests.most + 3) {
            var ended = record(at: number)
            recent.take(&ended)
            #expect(recent.newestFirst.first?.arrived == moment(number))
        }
        let kept = recent.newestFirst.map(\.arrived)
        #expect(kept == (3..<Int64(RecentRequests.most + 3)).reversed().map(moment))
    }

    @Test("those of several event loops are told in one order")
    func listing() {
        var listing = RequestListing()
        func ended(_ milliseconds: Int64) -> RequestRecord {
            var record = record(at: milliseconds)
            record.ends(.answered, at: moment(milliseconds + 1))
            return record
        }
        listing.add(running: [record(at: 5)], of: 1, ended: [ended(4), ended(1)])
        listing.add(running: [record(at: 6)], of: 7, ended: (0..<1000).map { _ in ended(2) })
        listing.sort()
        #expect(listing.running.map(\.arrived) == [moment(6), moment(5)])
        #expect(listing.runningTotal == 8)
        #expect(listing.ended.count == 1000)
        #expect(listing.ended.first?.arrived == moment(4) && listing.ended.last?.arrived == moment(2))
    }

    @Test("no two reasons of one outcome have the same word, and no outcome has none")
    func words() {
        #expect(RequestOutcome.refused(.noKey).kind.rawValue == "refused")
        #expect(RequestOutcome.refused(.noKey).reason == "no_key")
        #expect(RequestOutcome.clientLeft(.queued).reason == "queued")
        #expect(RequestOutcome.answered.reason == nil)
        #expect(Set(RequestOutcome.Kind.allCases.map(\.rawValue)).count == RequestOutcome.Kind.allCases.count)
    }
}
