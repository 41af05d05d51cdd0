import SupervisionRules
import Testing

struct LogTailTests {
    @Test("lines become whole, in whatever pieces they come")
    func pieces() {
        var log = LogTail()
        #expect(log.take("one\ntw".utf8) == ["one"])
        #expect(log.take("o\r\n\n  \nthr".utf8) == ["two"])
        #expect(log.end() == "thr")
        #expect(log.end() == nil)
        #expect(log.last(bytes: 100) == ["one", "two", "thr"])
    }

    @Test("ten megabytes leave the last lines")
    func flood() {
        var log = LogTail()
        for number in 1...100_000 { _ = log.take("line \(number) \(String(repeating: "x", count: 90))\n".utf8) }
        let last = log.last(bytes: .max)
        #expect(last.count == LogTail.mostLines)
        #expect(last.last?.hasPrefix("line 100000 ") == true)
    }

    @Test("of a line without an end the beginning is kept")
    func longLine() {
        var log = LogTail()
        for _ in 1...1000 { #expect(log.take(String(repeating: "y", count: 1000).utf8).isEmpty) }
        #expect(log.end()?.utf8.count == LogTail.longestLine)
    }

    @Test("an excerpt has the last lines that fit, and one at least")
    func excerpt() {
        var log = LogTail()
        _ = log.take("first\nsecond\nthird\n".utf8)
        #expect(log.last(bytes: 13) == ["second", "third"])
        #expect(log.last(bytes: 12) == ["third"])
        #expect(log.last(bytes: 1) == ["third"])
        #expect(LogTail().last(bytes: 100).isEmpty)
    }
}
