import PrintableText
import Testing

@testable import SupervisionRules

@Suite("Which models run")
struct ModelHostTests {
    private static let gigabyte = 1_000_000_000

    /// Of three models that take 10, 10 and 5 GB, of 24.
    private func host(_ change: (inout [ModelRules]) -> Void = { _ in }) -> ModelHost {
        var rules = [10, 10, 5].map { ModelRules(memory: .said($0 * Self.gigabyte)) }
        change(&rules)
        return ModelHost(rules, memoryBytes: 24 * Self.gigabyte)
    }

    /// Loads one within the time.
    private func load(_ model: Int, in host: inout ModelHost, from start: Duration, to end: Duration) {
        #expect(host.wish(.load, of: model, at: start) == [.start(model)])
        #expect(host.ready(model, at: end).isEmpty)
    }

    private func refusal(_ decisions: [ModelHost.Decision]) -> String? {
        guard decisions.count == 1, case .refuse(_, let reason) = decisions[0] else { return nil }
        return reason
    }

    // MARK: - Loading

    @Test("one is loaded when it is wished; a wish that is being followed, or was, is nothing new")
    func loads() {
        var host = host()
        #expect(host.begin(at: .zero).isEmpty)
        #expect(host.wish(.load, of: 0, at: .zero) == [.start(0)])
        #expect(host.wish(.load, of: 0, at: .seconds(1)).isEmpty)
        #expect(host.ready(0, at: .seconds(5)).isEmpty)
        #expect(host.models[0].loadTime == .seconds(5))
        #expect(host.wish(.load, of: 0, at: .seconds(6)).isEmpty)
        // After a crash, which costs it nothing.
        #expect(host.ready(0, at: .seconds(9)).isEmpty)
        #expect(host.models[0].loadTime == .seconds(5))
    }

    @Test("what runs, loads, is drained or ends takes memory; what doesn't fit beside it is refused in words")
    func memory() {
        var host = host()
        load(0, in: &host, from: .zero, to: .seconds(1))
        #expect(host.wish(.load, of: 1, at: .seconds(1)) == [.start(1)])
        #expect(
            refusal(host.wish(.load, of: 2, at: .seconds(2))) == "no room: needs 5 GB, 4 of 24 GB are free"
        )
        #expect(host.wish(.unload, of: 0, at: .seconds(3)) == [.drain(0, .wish)])
        #expect(refusal(host.wish(.load, of: 2, at: .seconds(3))) != nil)
        #expect(host.drained(0) == [.end(0)])
        #expect(refusal(host.wish(.load, of: 2, at: .seconds(3))) != nil)
        #expect(host.ended(0, failure: nil, at: .seconds(4)).isEmpty)
        #expect(host.wish(.load, of: 2, at: .seconds(4)) == [.start(2)])
    }

    @Test("one that would never fit is told so")
    func tooLarge() {
        var host = host { $0[0].memory = .estimated(25_500_000_000) }
        #expect(
            refusal(host.wish(.load, of: 0, at: .zero))
                == "no room: needs 25.5 GB, and there are only 24 GB in all"
        )
    }

    @Test("what was measured counts instead of an estimate, the most of it, and not instead of what was said")
    func measured() {
        var host = host { $0[0].memory = .estimated(20 * Self.gigabyte) }
        host.measured(0, bytes: 12 * Self.gigabyte)
        host.measured(0, bytes: 11 * Self.gigabyte)
        host.measured(1, bytes: 20 * Self.gigabyte)
        #expect(host.models.map(\.memoryBytes) == [12, 10, 5].map { $0 * Self.gigabyte })
    }

    // MARK: - Unloading

    @Test("one that runs is drained before it is ended; the wish again, and one for what is gone, is nothing new")
    func unloads() {
        var host = host()
        #expect(host.wish(.unload, of: 0, at: .zero).isEmpty)
        load(0, in: &host, from: .zero, to: .seconds(1))
        #expect(host.drained(0).isEmpty)
        #expect(host.wish(.unload, of: 0, at: .seconds(2)) == [.drain(0, .wish)])
        #expect(host.wish(.unload, of: 0, at: .seconds(3)).isEmpty)
        #expect(refusal(host.wish(.load, of: 0, at: .seconds(3))) == "it is just being unloaded")
        #expect(host.drained(0) == [.end(0)])
        #expect(host.drained(0).isEmpty)
        #expect(host.wish(.unload, of: 0, at: .seconds(3)).isEmpty)
        #expect(refusal(host.wish(.load, of: 0, at: .seconds(3))) == "it is just being unloaded")
        #expect(host.ended(0, failure: nil, at: .seconds(4)).isEmpty)
        #expect(host.models[0].phase == .unloaded)
        #expect(host.wish(.load, of: 0, at: .seconds(4)) == [.start(0)])
    }

    @Test("one stays for as long as its loading took, and says for how long that is")
    func noThrash() {
        var host = host()
        load(0, in: &host, from: .zero, to: .seconds(10))
        #expect(
            refusal(host.wish(.unload, of: 0, at: .milliseconds(12_500)))
                == "it was loaded just now, and stays for 8 s more"
        )
        #expect(host.wish(.unload, of: 0, at: .seconds(20)) == [.drain(0, .wish)])
        load(1, in: &host, from: .seconds(20), to: .seconds(20))
        #expect(refusal(host.wish(.unload, of: 1, at: .milliseconds(20_999))) != nil)
        #expect(host.wish(.unload, of: 1, at: .seconds(21)) == [.drain(1, .wish)])
    }

    @Test(
        "what an operator wants is done, whatever balancers may not: of a pinned one, one that was loaded just now, one that failed"
    )
    func orders() {
        var host = host { $0[0].isPinned = true }
        load(0, in: &host, from: .zero, to: .seconds(10))
        #expect(host.wish(.unload, isOrder: true, of: 0, at: .seconds(10)) == [.drain(0, .wish)])
        _ = host.drained(0)
        _ = host.ended(0, failure: nil, at: .seconds(11))
        _ = host.wish(.load, of: 0, at: .seconds(12))
        _ = host.ended(0, failure: "it ended with exit code 1", at: .seconds(13))
        #expect(refusal(host.wish(.load, of: 0, at: .seconds(13))) != nil)
        #expect(host.wish(.load, isOrder: true, of: 0, at: .seconds(13)) == [.start(0)])
    }

    @Test("one that is loading is given up at once")
    func givesUp() {
        var host = host()
        _ = host.wish(.load, of: 0, at: .zero)
        #expect(host.wish(.unload, of: 0, at: .seconds(1)) == [.end(0)])
        // It was about to be.
        #expect(host.ready(0, at: .seconds(1)).isEmpty)
        #expect(host.ended(0, failure: "it was ended", at: .seconds(2)).isEmpty)
        #expect(host.models[0].phase == .unloaded)
    }

    @Test("no balancer unloads a pinned one")
    func pinned() {
        var host = host { $0[0].isPinned = true }
        _ = host.wish(.load, of: 0, at: .zero)
        #expect(refusal(host.wish(.unload, of: 0, at: .zero)) == "it is pinned")
        _ = host.ready(0, at: .seconds(1))
        #expect(refusal(host.wish(.unload, of: 0, at: .seconds(100))) == "it is pinned")
    }

    // MARK: - Time to live

    @Test("one that has had nothing to do for long enough goes, counted from when it was ready")
    func ttl() {
        var host = host { $0[0].ttl = .seconds(60) }
        load(0, in: &host, from: .zero, to: .seconds(10))
        #expect(host.nextDue == .seconds(70))
        #expect(host.timePassed(at: .seconds(69)).isEmpty)
        #expect(host.timePassed(at: .seconds(70)) == [.drain(0, .ttl)])
        #expect(host.timePassed(at: .seconds(71)).isEmpty)
        #expect(host.nextDue == nil)
    }

    @Test("whatever runs, and who is about to send something, puts it off")
    func ttlOfUsed() {
        var host = host { $0[0].ttl = .seconds(60) }
        load(0, in: &host, from: .zero, to: .zero)
        host.aboutToBeUsed(0, at: .seconds(50))
        #expect(host.nextDue == .seconds(110))
        host.sampled(0, isBusy: false, at: .seconds(55))
        #expect(host.nextDue == .seconds(110))
        host.sampled(0, isBusy: true, at: .seconds(60))
        #expect(host.nextDue == nil)
        #expect(host.timePassed(at: .seconds(1000)).isEmpty)
        host.sampled(0, isBusy: false, at: .seconds(1000))
        #expect(host.nextDue == .seconds(1060))
        #expect(host.wish(.load, of: 0, at: .seconds(1010)).isEmpty)
        #expect(host.nextDue == .seconds(1070))
    }

    @Test("one that was about to go by itself is kept if somebody wishes it, and then for as long as a new one")
    func kept() {
        var host = host { $0[0].ttl = .seconds(60) }
        load(0, in: &host, from: .zero, to: .seconds(10))
        _ = host.timePassed(at: .seconds(70))
        #expect(host.wish(.load, of: 0, at: .seconds(71)) == [.keep(0)])
        #expect(host.drained(0).isEmpty)
        #expect(refusal(host.wish(.unload, of: 0, at: .seconds(72))) != nil)
        #expect(host.nextDue == .seconds(131))
        _ = host.timePassed(at: .seconds(131))
        // Now somebody wants its memory.
        #expect(host.wish(.unload, of: 0, at: .seconds(132)).isEmpty)
        #expect(refusal(host.wish(.load, of: 0, at: .seconds(133))) != nil)
    }

    // MARK: - The start

    @Test("what is to be there from the start is loaded one after the other, pinned ones first")
    func preloads() {
        var host = host { rules in
            for model in rules.indices { rules[model].isPreloaded = true }
            rules[2].isPinned = true
        }
        #expect(host.begin(at: .zero) == [.start(2)])
        #expect(host.ready(2, at: .seconds(1)) == [.start(0)])
        #expect(host.ended(0, failure: "it ended", at: .seconds(2)) == [.start(1)])
        #expect(host.ready(1, at: .seconds(3)).isEmpty)
    }

    @Test(
        "one that doesn't fit any more is refused, and the next one is loaded; one that was wished isn't loaded twice"
    )
    func preloadsThatDoNotFit() {
        var host = host { rules in
            for model in rules.indices { rules[model].isPreloaded = true }
            rules[1].memory = .said(20 * Self.gigabyte)
        }
        #expect(host.begin(at: .zero) == [.start(0)])
        #expect(host.wish(.load, of: 2, at: .zero) == [.start(2)])
        #expect(host.ready(2, at: .seconds(1)).isEmpty)
        #expect(
            refusal(host.ready(0, at: .seconds(2))) == "no room: needs 20 GB, 9 of 24 GB are free"
        )
    }

    // MARK: - Failures

    @Test(
        "one that ends before it is ready takes nothing, and is tried again when it is wished after a pause that doubles"
    )
    func failures() {
        var host = host()
        var now = Duration.zero
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(host.wish(.load, of: 0, at: now) == [.start(0)])
            #expect(host.ended(0, failure: "it ended with exit code 1", at: now).isEmpty)
            let words = "it ended with exit code 1. It is tried again in \(pause) s at the earliest"
            #expect(refusal(host.wish(.load, of: 0, at: now)) == words)
            #expect(refusal(host.wish(.load, of: 0, at: now + .milliseconds(pause * 1000 - 1))) != nil)
            #expect(host.wish(.unload, of: 0, at: now).isEmpty)
            now += .seconds(pause)
        }
        load(0, in: &host, from: now, to: now)
        #expect(host.ended(0, failure: "it crashed five times", at: now).isEmpty)
        #expect(host.models[0].phase == .failed("it crashed five times", until: now + .seconds(1)))
        load(1, in: &host, from: now, to: now)
        #expect(host.wish(.load, of: 2, at: now) == [.start(2)])
    }

    @Test("at the end all that runs is ended, and nothing is loaded any more")
    func stops() {
        var host = host {
            $0[1].isPreloaded = true; $0[2].isPreloaded = true
        }
        _ = host.begin(at: .zero)
        load(0, in: &host, from: .zero, to: .zero)
        #expect(host.stop() == [.end(0), .end(1)])
        #expect(host.ended(1, failure: nil, at: .zero).isEmpty)
        #expect(host.wish(.load, of: 2, at: .zero).isEmpty)
        #expect(host.ended(0, failure: nil, at: .zero).isEmpty)
        #expect(host.nextDue == nil)
    }

    @Test(
        "memory is told as people speak of it",
        arguments: [
            (5_240_000_000, "5.2 GB"), (24_000_000_000, "24 GB"), (310_000_000, "310 MB"), (.max, "9223372036.9 GB"),
            (1, "1 MB"), (0, "0 MB"),
        ]
    )
    func words(bytes: Int, text: String) {
        #expect(MemoryText.of(bytes) == text)
    }

    @Test("a part of memory is told in the unit of the whole, unless it is much less")
    func part() {
        #expect(MemoryText.of(3_100_000_000, outOf: 24_000_000_000) == "3.1 of 24 GB")
        #expect(MemoryText.of(0, outOf: 24_000_000_000) == "0 of 24 GB")
        #expect(MemoryText.of(310_000_000, outOf: 24_000_000_000) == "310 MB of 24 GB")
    }
}
