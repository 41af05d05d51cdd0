import HTTPFraming
import Testing

@Suite("Bodies")
struct BodyFramerTests {
    /// What a framer says of bytes that come in pieces.
    struct Reading: Equatable {
        var data: [UInt8] = []
        /// The offset behind the body.
        var end: Int?
    }

    private static func read(
        _ bytes: [UInt8],
        _ framing: BodyFraming,
        _ arrival: Arrival = .whole
    ) throws(FramingError) -> Reading {
        var framer = BodyFramer(framing)
        var reading = Reading()
        var offset = 0
        for count in arrival.counts(of: bytes.count) {
            let piece = bytes.span.extracting(first: count)
            steps: while true {
                switch try framer.next(piece, from: offset) {
                case .data(let range):
                    reading.data += bytes[range]
                    offset = range.upperBound
                case .needMore:
                    offset = count
                    break steps
                case .end(let end):
                    reading.end = end
                    return reading
                }
            }
        }
        return reading
    }

    private static func advance(
        _ bytes: [UInt8],
        _ framing: BodyFraming,
        _ arrival: Arrival
    ) throws(FramingError) -> Int? {
        var framer = BodyFramer(framing)
        var start = 0
        for end in arrival.counts(of: bytes.count) {
            let (count, isComplete) = try framer.advance(bytes.span.extracting(start..<end))
            start += count
            if isComplete != framer.isComplete { return nil }
            if isComplete { return start }
        }
        return nil
    }

    struct Example: CustomTestStringConvertible, Sendable {
        var framing: BodyFraming
        var text: String
        var data: String

        init(_ framing: BodyFraming, _ text: String, _ data: String) {
            self.framing = framing
            self.text = text
            self.data = data
        }

        var testDescription: String { "\(framing): \(text)" }
    }

    static let complete = [
        Example(.none, "", ""),
        Example(.length(0), "", ""),
        Example(.length(5), "hello", "hello"),
        Example(.chunked, "0\r\n\r\n", ""),
        Example(.chunked, "000\r\n\r\n", ""),
        Example(.chunked, "5\r\nhello\r\n0\r\n\r\n", "hello"),
        Example(.chunked, "0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
        Example(
            .chunked,
            "a\r\n0123456789\r\nA\r\n\r\n0\r\n\r\n...\r\n1\r\n!\r\n0\r\n\r\n",
            "0123456789\r\n0\r\n\r\n...!"
        ),
        Example(.chunked, "1;a;b=c;d=\"\";e=\"x;\\\" \"\r\ny\r\n0\r\n\r\n", "y"),
        Example(.chunked, "1;a=\" \t\u{e9}\\\\\"\r\ny\r\n0;last\r\n\r\n", "y"),
        Example(
            .chunked,
            "0\r\nContent-Lengt: 1\r\nHosts: a\r\nHos: a\r\nUpgradf: x\r\nTransfer-Encodings:\r\n\r\n",
            ""
        ),
        Example(.chunked, "1\r\ny\r\n0\r\nX: y\r\nEmpty:\r\nZ:\t\u{e9}\t\r\n\r\n", "y"),
    ]

    @Test("a body ends where its framing says, however it arrives", arguments: complete)
    func end(_ example: Example) throws {
        let body = Array(example.text.utf8)
        let expected = Reading(data: Array(example.data.utf8), end: body.count)
        for next in ["", "GET / HTTP/1.1\r\n", "\r\n"] {
            for arrival in Arrival.all(for: example.text + next) {
                #expect(try Self.read(body + next.utf8, example.framing, arrival) == expected, "\(arrival)")
                #expect(try Self.advance(body + next.utf8, example.framing, arrival) == body.count, "\(arrival)")
            }
        }
    }

    @Test("a body isn't complete before its last byte", arguments: complete)
    func incomplete(_ example: Example) throws {
        let body = Array(example.text.utf8)
        for count in 0..<body.count {
            #expect(try Self.read(Array(body.prefix(count)), example.framing).end == nil)
        }
    }

    @Test("a body that ends with the connection takes everything")
    func untilClose() throws {
        let bytes = Array("data: 1\n\n0\r\n\r\n".utf8)
        #expect(try Self.read(bytes, .untilClose, .byteByByte) == Reading(data: bytes, end: nil))
        var framer = BodyFramer(.untilClose)
        #expect(try framer.advance(bytes.span) == (bytes.count, false))
        #expect(!framer.isComplete)
    }

    @Test(
        "wrong framing is refused",
        arguments: [
            ("\r\n", .invalidChunkSize),
            ("-1\r\n", .invalidChunkSize),
            ("+1\r\n", .invalidChunkSize),
            (" 1\r\n", .invalidChunkSize),
            ("1 \r\n", .invalidChunkSize),
            ("1\t;a\r\n", .invalidChunkSize),
            ("0x1\r\n", .invalidChunkSize),
            ("g\r\n", .invalidChunkSize),
            ("1\n", .invalidChunkSize),
            ("1\ra", .invalidChunkSize),
            ("1_0\r\n", .invalidChunkSize),
            ("00000000000000001\r\n", .chunkTooLarge),
            ("1000000000000001\r\n", .chunkTooLarge),
            ("ffffffffffffffff\r\n", .chunkTooLarge),
            ("8000000000000000\r\n", .chunkTooLarge),
            ("ffffffffffffffffffff\r\n", .chunkTooLarge),
            ("1\r\nabc", .missingChunkEnd),
            ("1\r\na\n0\r\n\r\n", .missingChunkEnd),
            ("1\r\na\r0", .missingChunkEnd),
            ("1\r\na0\r\n\r\n", .missingChunkEnd),
            ("1;\r\n", .invalidChunkExtension),
            ("1; a\r\n", .invalidChunkExtension),
            ("1;a \r\n", .invalidChunkExtension),
            ("1;a =b\r\n", .invalidChunkExtension),
            ("1;a=\r\n", .invalidChunkExtension),
            ("1;=a\r\n", .invalidChunkExtension),
            ("1;a=b=c\r\n", .invalidChunkExtension),
            ("1;a=b\"\r\n", .invalidChunkExtension),
            ("1;a=\"b\"c\r\n", .invalidChunkExtension),
            ("1;a=\"b\r\n", .invalidChunkExtension),
            ("1;a=\"\\\r\n", .invalidChunkExtension),
            ("1;a=\"\u{0}", .invalidChunkExtension),
            ("1;;a\r\n", .invalidChunkExtension),
            ("1;a;\r\n", .invalidChunkExtension),
            ("1;a\n", .invalidChunkExtension),
            ("1;a\ra", .invalidChunkExtension),
            ("0\r\n\n", .invalidTrailer),
            ("0\r\n\ra", .invalidTrailer),
            ("0\r\n X: y\r\n\r\n", .invalidTrailer),
            ("0\r\nX : y\r\n\r\n", .invalidTrailer),
            ("0\r\n: y\r\n\r\n", .invalidTrailer),
            ("0\r\nX\r\n\r\n", .invalidTrailer),
            ("0\r\nX: y\n\r\n", .invalidTrailer),
            ("0\r\nX: y\r\r\n", .invalidTrailer),
            ("0\r\nX: \u{1}\r\n\r\n", .invalidTrailer),
            ("0\r\nX: y\r\n z\r\n\r\n", .invalidTrailer),
            ("0\r\nContent-Length: 1\r\n\r\n", .forbiddenTrailer),
            ("0\r\nX: y\r\ntransfer-ENCODING: chunked\r\n\r\n", .forbiddenTrailer),
            ("0\r\nConnection: close\r\n\r\n", .forbiddenTrailer),
            ("0\r\nUpgrade: x\r\n\r\n", .forbiddenTrailer),
            ("0\r\nHost: a\r\n\r\n", .forbiddenTrailer),
        ] as [(String, FramingError)]
    )
    func refused(_ text: String, _ error: FramingError) {
        let bytes = Array(text.utf8)
        #expect(throws: error) { try Self.read(bytes, .chunked) }
        #expect(throws: error) { try Self.read(bytes, .chunked, .byteByByte) }
        #expect(throws: error) { try Self.advance(bytes, .chunked, .whole) }
    }

    @Test("the largest chunk size is accepted, and counted down as its data comes")
    func largestChunk() throws {
        let bytes = Array("1000000000000000\r\nabc".utf8)
        #expect(try Self.read(bytes, .chunked, .byteByByte) == Reading(data: Array("abc".utf8), end: nil))
    }

    @Test("the extensions of all chunks together are bounded")
    func extensionLimit() throws {
        // A line counts its bytes behind the semicolon, with the CR.
        let chunk = "1;" + String(repeating: "a", count: 1023) + "\r\n.\r\n"
        let body = String(repeating: chunk, count: 16)
        #expect(try Self.read(Array((body + "0\r\n\r\n").utf8), .chunked).data.count == 16)
        #expect(throws: FramingError.chunkExtensionsTooLarge) {
            try Self.read(Array((body + "0;a\r\n\r\n").utf8), .chunked)
        }
    }

    @Test("trailers are bounded")
    func trailerLimit() throws {
        // 1,024 bytes each; the CR of the last line counts too.
        let line = "X: " + String(repeating: "a", count: 1019) + "\r\n"
        #expect(try Self.read(Array(("0\r\n" + String(repeating: line, count: 15) + "\r\n").utf8), .chunked).end != nil)
        #expect(throws: FramingError.trailersTooLarge) {
            try Self.read(Array(("0\r\n" + String(repeating: line, count: 17)).utf8), .chunked)
        }
    }

    @Test("one may put in a chunk before the first, between two, and before the last, and nowhere else")
    func betweenChunks() throws {
        let text = "2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n"
        var framer = BodyFramer(.chunked)
        var places: [Int] = framer.isBetweenChunks ? [0] : []
        for (offset, byte) in text.utf8.enumerated() {
            _ = try framer.advance([byte].span)
            if framer.isBetweenChunks { places.append(offset + 1) }
        }
        #expect(places == [0, 7, 15])
    }

    @Test("one may put something into a body without chunks only if it ends with the connection")
    func betweenBytes() {
        #expect(BodyFramer(.untilClose).isBetweenChunks)
        #expect(!BodyFramer(.length(5)).isBetweenChunks)
        #expect(!BodyFramer(.none).isBetweenChunks)
    }
}
