import ProxyExchange
import Testing

@Suite("Where an event of our own may follow in a stream")
struct EventStreamTailTests {
    @Test(
        "in chunks: behind a chunk that ends an event, or before the first",
        arguments: [
            ([], true),
            (["8\r\ndata: 1\n\r\n"], false),
            (["9\r\ndata: 1\n\n\r\n"], true),
            (["9\r\ndata: 1\n\n\r\n", "7\r\ndata: 2\r\n"], false),
            (["9\r\ndata: 1\n", "\n\r\n"], true),
            (["9", "\r", "\n", "data: 1\n\n", "\r", "\n"], true),
            // A chunk of one LF behind an unfinished line ends the line, not the event.
            (["7\r\ndata: 1\r\n", "1\r\n\n\r\n"], false),
        ]
    )
    func inChunks(pieces: [String], expected: Bool) {
        #expect(tail(pieces).endsBetweenEventsInChunks == expected)
    }

    @Test(
        "without chunks: behind an empty line, or before the first event",
        arguments: [
            ([], true), (["data: 1\n"], false), (["data: 1\n\n"], true), (["data: 1\n", "\n"], true),
            (["data: 1\n\n", "data: 2"], false), (["data: 1\n\n", ""], true),
        ]
    )
    func withoutChunks(pieces: [String], expected: Bool) {
        #expect(tail(pieces).endsBetweenEvents == expected)
    }

    private func tail(_ pieces: [String]) -> EventStreamTail {
        var tail = EventStreamTail()
        for piece in pieces { tail.append(Array(piece.utf8).span) }
        return tail
    }
}
