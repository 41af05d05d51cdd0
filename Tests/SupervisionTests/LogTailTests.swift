import SupervisionRules
import Testing

struct LogTailTests {
    private func all(_ log: LogTail, after number: Int? = nil) -> LogTail.Part {
        log.part(after: number, count: .max, mostAtOnce: .max, bytes: .max)
    }

    @Test("lines become whole, in whatever pieces they come")
    func pieces() {
        var log = LogTail()
        #expect(log.take("one\ntw".utf8) == ["one"])
        #expect(log.take("o\r\n\n  \nthr".utf8) == ["two"])
        #expect(log.end() == "thr")
        #expect(log.end() == nil)
        #expect(log.excerpt(bytes: 100) == ["one", "two", "thr"])
    }

    @Test("ten megabytes leave the last lines, and it is known how many are gone")
    func flood() {
        var log = LogTail()
        _ = log.take("first\n".utf8)
        for number in 1...100_000 { _ = log.take("line \(number) \(String(repeating: "x", count: 90))\n".utf8) }
        let part = all(log, after: 1)
        #expect(part.lines.count == LogTail.mostLines)
        #expect(part.lines.last?.hasPrefix("line 100000 ") == true)
        #expect(part.leftOut == 100_000 - LogTail.mostLines)
        #expect(part.last == 100_001 && !part.hasMore)
    }

    @Test("long lines leave fewer of them")
    func largeFlood() {
        var log = LogTail()
        for _ in 1...2000 { _ = log.take(String(repeating: "x", count: 1999).utf8 + [UInt8(ascii: "\n")]) }
        let part = all(log, after: 0)
        #expect(part.lines.count == LogTail.mostBytes / 2000)
        #expect(part.leftOut == 2000 - part.lines.count)
    }

    @Test("of a line without an end the beginning is kept, and its end says so")
    func longLine() {
        var log = LogTail()
        for _ in 1...10_000 { #expect(log.take(String(repeating: "y", count: 1000).utf8).isEmpty) }
        #expect(log.end() == String(repeating: "y", count: LogTail.longestLine) + "…")
    }

    @Test("what isn't text and what a terminal would obey can be shown")
    func oddBytes() {
        var log = LogTail()
        let bytes = [0xFF, 0xC3] + Array("a\tb\u{1B}[31m\u{7F}\n".utf8)
        #expect(log.take(bytes) == ["\u{FFFD}\u{FFFD}a b\u{FFFD}[31m\u{FFFD}"])
    }

    @Test("an excerpt has the last lines that fit, and one at least")
    func excerpt() {
        var log = LogTail()
        _ = log.take("first\nsecond\nthird\n".utf8)
        #expect(log.excerpt(bytes: 13) == ["second", "third"])
        #expect(log.excerpt(bytes: 12) == ["third"])
        #expect(log.excerpt(bytes: 1) == ["third"])
        #expect(LogTail().excerpt(bytes: 100).isEmpty)
        _ = log.take(String(repeating: "y", count: 1000).utf8 + [UInt8(ascii: "\n")])
        #expect(log.excerpt(bytes: 1).first?.utf8.count == LogTail.longestExcerptLine)
    }

    @Test("an excerpt is of the present process, and of what that has printed")
    func processes() {
        var log = LogTail()
        _ = log.take("before\n".utf8)
        log.note("gone")
        log.begin()
        log.note("started")
        #expect(log.excerpt(bytes: 100).isEmpty)
        _ = log.take("after\n".utf8)
        log.note("gone again")
        #expect(log.excerpt(bytes: 100) == ["after"])
        #expect(all(log).lines == ["before", "gone", "started", "after", "gone again"])
    }

    @Test("the last lines are given, and then those behind the last one that is known, as many at once as fit")
    func parts() {
        var log = LogTail()
        _ = log.take("1\n2\n3\n4\n5\n".utf8)
        #expect(
            log.part(after: nil, count: 2, mostAtOnce: 10, bytes: 100)
                == LogTail.Part(lines: ["4", "5"], leftOut: 0, last: 5, hasMore: false)
        )
        #expect(
            log.part(after: 1, count: 10, mostAtOnce: 10, bytes: 5)
                == LogTail.Part(lines: ["2", "3"], leftOut: 0, last: 3, hasMore: true)
        )
        #expect(
            log.part(after: 3, count: 10, mostAtOnce: 1, bytes: 100)
                == LogTail.Part(lines: ["4"], leftOut: 0, last: 4, hasMore: true)
        )
        #expect(log.part(after: 4, count: 10, mostAtOnce: 10, bytes: 0).lines == ["5"])
        #expect(
            log.part(after: 5, count: 10, mostAtOnce: 10, bytes: 100)
                == LogTail.Part(lines: [], leftOut: 0, last: 5, hasMore: false)
        )
        // Of whoever makes numbers up.
        #expect(log.part(after: .max, count: 10, mostAtOnce: 10, bytes: 100).last == 5)
        #expect(log.part(after: -7, count: 10, mostAtOnce: 10, bytes: 100).lines.count == 5)
    }
}
