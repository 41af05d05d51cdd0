import NIOCore
import Testing

@testable import NameResolution

@Suite("What is known of names")
struct NameCacheTests {
    private typealias Cache = NameCache<Int>

    private var cache = Cache()
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test("a name is looked up once, whoever asks meanwhile")
    mutating func once() {
        expect(at: 0, .wait(until: after(5), asks: true))
        expect(at: 1, .wait(until: after(5), asks: false))
        let other = cache.lookUp("b", at: after(1))
        #expect(other == .wait(until: after(6), asks: true))
        answer([1, 2], at: 2, .addresses([1, 2]))
        expect(at: 2, .addresses([1, 2]))
    }

    @Test("an answer is used for ten seconds, then the name is looked up again")
    mutating func fresh() {
        learn([1])
        expect(at: 9.999, .addresses([1]))
        expect(at: 10, .wait(until: after(11.8), asks: true))
        answer([2], at: 10, .addresses([2]))
        expect(at: 10, .addresses([2]))
    }

    @Test("a name at whose addresses nothing is reached is looked up again, a second after it was at the soonest")
    mutating func doubted() {
        learn([1])
        cache.doubted("a", at: after(0.5))
        expect(at: 0.999, .addresses([1]))
        expect(at: 1, .wait(until: after(2.8), asks: true))
        answer([1], at: 1, .addresses([1]))
        cache.doubted("a", at: after(5))
        expect(at: 5, .wait(until: after(6.8), asks: true))
        answer([], at: 5, .addresses([1]))
        // That the resolver has none is no reason to ask it again at once.
        cache.doubted("a", at: after(5.5))
        expect(at: 5.999, .addresses([1]))
        expect(at: 6, .wait(until: after(7.8), asks: true))
        cache.doubted("never asked for", at: after(6))
    }

    @Test("an old answer is used when there is no new one in time, and by others at once")
    mutating func slow() {
        learn([1])
        expect(at: 60, .wait(until: after(61.8), asks: true))
        #expect(cache.timePassed("a", at: after(61.8)) == .addresses([1]))
        expect(at: 61.8, .addresses([1]))
    }

    @Test("an old answer is used when the resolver has none, and it is asked again a second later")
    mutating func failing() {
        learn([1])
        expect(at: 60, .wait(until: after(61.8), asks: true))
        answer([], at: 60, .addresses([1]))
        expect(at: 60.999, .addresses([1]))
        expect(at: 61, .wait(until: after(62.8), asks: true))
    }

    @Test("an answer that is older than an hour is used no more")
    mutating func tooOld() {
        learn([1])
        expect(at: 3610, .wait(until: after(3615), asks: true))
        answer([], at: 3610, .unknown)
    }

    @Test("a name that isn't known is asked for again a second later")
    mutating func unknown() {
        learn([])
        expect(at: 0.999, .unknown)
        expect(at: 1, .wait(until: after(1.2), asks: true))
        answer([1], at: 1.1, .addresses([1]))
    }

    @Test("nobody waits long for a name that wasn't known before, though its lookup goes on")
    mutating func stillUnknown() {
        learn([])
        expect(at: 1, .wait(until: after(1.2), asks: true))
        #expect(cache.timePassed("a", at: after(1.2)) == .unknown)
        expect(at: 20, .unknown)
        answer([1], at: 30, .addresses([1]))
        expect(at: 30, .addresses([1]))
    }

    @Test("nobody waits longer than five seconds for a resolver that says nothing, and nobody at all after that")
    mutating func silent() {
        expect(at: 0, .wait(until: after(5), asks: true))
        #expect(cache.timePassed("a", at: after(4.999)) == .wait(until: after(5), asks: false))
        #expect(cache.timePassed("a", at: after(5)) == .noAnswer)
        expect(at: 6, .noAnswer)
        answer([1], at: 30, .addresses([1]))
        expect(at: 30, .addresses([1]))
    }

    @Test("names beyond what is remembered take the places of those that weren't asked for longest")
    mutating func capacity() {
        learn([1])
        for number in 1...Cache.capacity {
            _ = cache.lookUp("name \(number)", at: after(1))
            _ = cache.answered("name \(number)", [number], at: after(1))
        }
        let kept = cache.lookUp("name 1", at: after(2))
        #expect(kept == .addresses([1]))
        expect(at: 2, .wait(until: after(7), asks: true))
    }

    /// - Parameter seconds: since the beginning of the test.
    private func after(_ seconds: Double) -> NIODeadline {
        start + .milliseconds(Int64((seconds * 1000).rounded()))
    }

    private mutating func expect(
        at seconds: Double,
        _ expected: Cache.Answer,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let answer = cache.lookUp("a", at: after(seconds))
        #expect(answer == expected, sourceLocation: sourceLocation)
    }

    private mutating func answer(
        _ addresses: [Int],
        at seconds: Double,
        _ expected: Cache.Answer,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let answer = cache.answered("a", addresses, at: after(seconds))
        #expect(answer == expected, sourceLocation: sourceLocation)
    }

    private mutating func learn(_ addresses: [Int]) {
        _ = cache.lookUp("a", at: start)
        _ = cache.answered("a", addresses, at: start)
    }
}
