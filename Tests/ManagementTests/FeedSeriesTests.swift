import NIOCore
import Scheduling
import Testing

@testable import Management

@Suite("Snapshots one after the other")
struct FeedSeriesTests {
    private func event(_ text: String) -> FeedSeries.Step {
        .event(ByteBuffer(string: "data: \(text)\n\n"))
    }

    @Test("the first is an event, and so is whatever differs from the one before")
    func events() {
        var series = FeedSeries()
        let now = Instant(nanoseconds: 0)
        #expect(series.latest == nil)
        #expect(series.next(Array("{}".utf8), at: now) == event("{}"))
        #expect(series.next(Array("{}".utf8), at: now) == .nothing)
        #expect(series.next(Array("{1}".utf8), at: now) == event("{1}"))
        #expect(series.latest == ByteBuffer(string: "data: {1}\n\n"))
    }

    @Test("where nothing changes, there is a comment every five seconds")
    func comments() {
        var series = FeedSeries()
        var now = Instant(nanoseconds: 0)
        _ = series.next(Array("{}".utf8), at: now)
        now = now + .milliseconds(4999)
        #expect(series.next(Array("{}".utf8), at: now) == .nothing)
        now = now + .milliseconds(1)
        #expect(series.next(Array("{}".utf8), at: now) == .comment)
        #expect(series.next(Array("{}".utf8), at: now) == .nothing)
        now = now + .seconds(5)
        #expect(series.next(Array("{}".utf8), at: now) == .comment)
    }
}
