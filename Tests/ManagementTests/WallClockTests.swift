import Scheduling
import Testing

@testable import Management

@Suite("Wall clock")
struct WallClockTests {
    private let second: Int64 = 1_000_000_000

    @Test("times are written in whole seconds and what is left, before 1970, too")
    func systemTime() {
        let time = SystemTime(nanosecondsSinceEpoch: 1_733_500_000 * second + 5)
        #expect(time.seconds == 1_733_500_000 && time.nanoseconds == 5)
        let before = SystemTime(nanosecondsSinceEpoch: -1)
        #expect(before.seconds == -1 && before.nanoseconds == 999_999_999)
    }

    @Test("what happened at one moment has the same time, whenever somebody asks")
    func stable() {
        let moment = Instant(nanoseconds: 3 * second)
        var offset = WallClockOffset(wall: 1000 * second, now: Instant(nanoseconds: 5 * second))
        let first = offset.time(at: moment)
        #expect(first.seconds == 998)
        // The wall clock goes a little faster.
        offset.correct(wall: 1010 * second + 400_000_000, now: Instant(nanoseconds: 15 * second))
        #expect(offset.time(at: moment) == first)
    }

    @Test("a wall clock that was set is followed")
    func corrected() {
        var offset = WallClockOffset(wall: 1000 * second, now: Instant(nanoseconds: 0))
        offset.correct(wall: 2000 * second, now: Instant(nanoseconds: 1 * second))
        #expect(offset.time(at: Instant(nanoseconds: 0)).seconds == 1999)
        offset.correct(wall: 1000 * second, now: Instant(nanoseconds: 2 * second))
        #expect(offset.time(at: Instant(nanoseconds: 0)).seconds == 998)
    }
}
