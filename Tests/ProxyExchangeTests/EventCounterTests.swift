import ProxyExchange
import Testing

@Suite("Events are counted as they pass")
struct EventCounterTests {
    @Test(
        "once each, however they come",
        arguments: [
            ([], 0),
            (["data: 1\n\n"], 1),
            (["data: 1\n\ndata: 2\n\n"], 2),
            (["9\r\ndata: 1\n\n\r\n", "9\r\ndata: 2\n\n\r\n0\r\n\r\n"], 2),
            (["event: a\ndata: {\"text\":\"data: \\n\\ndata: \"}\n\n"], 1),
            // The rest of a line is no event, nor is a comment.
            (["data: 1", "data: still the first\n\n"], 1),
            (["8\r\ndata: 1\n\r\n", "1\r\n\n\r\n"], 1),
            ([": still here\n\n", "5\r\n:\n\n\r\n"], 0),
            // Sizes of chunks that look like the beginning of one.
            (["da\r\ndata: 1\n\n", "d\r\n: delayed..\n\n\r\n", "dada\r\n"], 1),
            (["data: 1\n", "\n", "", "data: 2\n\n"], 2),
        ]
    )
    func counts(pieces: [String], expected: Int) {
        var counter = EventCounter()
        #expect(pieces.reduce(0) { $0 + counter.count(Array($1.utf8).span) } == expected)
    }
}
