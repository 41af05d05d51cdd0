import LlamaServer
import Testing

@Suite("The end of a stream's first event")
struct FirstEventEndTests {
    /// Up to the end that is found, or nil.
    private func start(_ pieces: [String]) -> String? {
        var end = FirstEventEnd()
        var before = ""
        for piece in pieces {
            let bytes = Array(piece.utf8)
            if let count = end.find(in: bytes.span) {
                return before + String(decoding: bytes.prefix(count), as: UTF8.self)
            }
            before += piece
        }
        return nil
    }

    private static let event = "event: message_start\ndata: {\"message\":{\"usage\":{}}}\n\n"

    static let streams: [(String, String?)] = [
        (event, event),
        (event + event, event),
        (":\n\n: delayed..\n\n" + event + "event", ":\n\n: delayed..\n\n" + event),
        ("8f\r\n" + event + "\r\n11\r\n", "8f\r\n" + event),
        // A chunk's border within it: the next event's end.
        ("8\r\ndata: {}\r\n2\r\n\n\n\r\n9\r\ndata: 1}\n\n", "8\r\ndata: {}\r\n2\r\n\n\n\r\n9\r\ndata: 1}\n\n"),
        ("data: {}}\n", nil), ("data: {\ndata: }\n", nil), ("data: [DONE]\n\n", nil), ("\n\n", nil), ("", nil),
    ]

    @Test("is found behind comments and in front of the next event", arguments: streams)
    func found(text: String, expected: String?) {
        #expect(start([text]) == expected)
        #expect(start(text.unicodeScalars.map { String($0) }) == expected, "byte by byte")
    }
}
