import Testing

@testable import ReverseProxy

@Suite("Refusals in the log")
struct RefusalTallyTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("the first of a reason is said at once, the others together after ten seconds")
    func rate() {
        var tally = RefusalTally()
        #expect(tally.takeDue(at: 5 * Self.second).isEmpty)
        tally.add(.queueFull)
        #expect(tally.takeDue(at: 5 * Self.second) == [.init(refusal: .queueFull, count: 1, since: nil)])
        for _ in 0..<42 { tally.add(.queueFull) }
        tally.add(.noKey)
        #expect(tally.takeDue(at: 14 * Self.second) == [.init(refusal: .noKey, count: 1, since: nil)])
        #expect(
            tally.takeDue(at: 15 * Self.second) == [.init(refusal: .queueFull, count: 42, since: 5 * Self.second)]
        )
        #expect(tally.takeDue(at: 100 * Self.second).isEmpty)
    }
}

@Suite("The date of answers")
struct DateLineTests {
    @Test(
        "is in the form that HTTP prefers",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        ]
    )
    func form(seconds: Int, expected: String) {
        var line = DateLine()
        line.update(at: seconds)
        #expect(String(decoding: line.bytes, as: UTF8.self) == "Date: \(expected)\r\n")
    }
}
