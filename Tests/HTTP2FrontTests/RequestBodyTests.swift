import Testing

@testable import HTTP2Front

@Suite("A request's body, from DATA frames to HTTP/1.1")
struct RequestBodyTests {
    @Test("it may come in any pieces, and its end may come alone")
    func pieces() throws {
        var body = RequestBody(.length(3), isComplete: false)
        try body.take(1, endsStream: false)
        try body.take(0, endsStream: false)
        try body.take(2, endsStream: false)
        #expect(!body.isComplete)
        try body.take(0, endsStream: true)
        #expect(body.isComplete)
    }

    @Test("it is as long as was said", arguments: [(4, false), (4, true), (2, true)])
    func wrongLength(count: Int, endsStream: Bool) {
        var body = RequestBody(.length(3), isComplete: false)
        #expect(throws: MalformedMessage.bodyLength) { try body.take(count, endsStream: endsStream) }
    }

    @Test("nothing comes behind its end")
    func behindEnd() throws {
        var body = RequestBody(.chunked, isComplete: false)
        try body.take(1, endsStream: true)
        #expect(throws: MalformedMessage.bodyLength) { try body.take(1, endsStream: true) }
    }

    @Test("fields behind it go into the last chunk; where a length says the end there is no place for them")
    func trailers() throws {
        var chunked = RequestBody(.chunked, isComplete: false)
        let fields = [(name: "x-sum", value: "1")]
        #expect(try chunked.end(with: fields, endsStream: true) == Array("0\r\nx-sum: 1\r\n\r\n".utf8))
        #expect(chunked.isComplete)
        var counted = RequestBody(.length(0), isComplete: false)
        #expect(try counted.end(with: fields, endsStream: true).isEmpty && counted.isComplete)
    }

    @Test(
        "fields behind it follow the rules of fields",
        arguments: [
            ("X-Sum", "1", true, MalformedMessage.fieldName), ("x", "a\r\nb", true, .fieldValue),
            (":path", "/", true, .pseudoFieldInTrailers), ("connection", "close", true, .connectionField),
            ("x", "1", false, .trailersWithoutEnd),
        ]
    )
    func malformedTrailers(name: String, value: String, endsStream: Bool, error: MalformedMessage) {
        var body = RequestBody(.chunked, isComplete: false)
        #expect(throws: error) { try body.end(with: [(name: name, value: value)], endsStream: endsStream) }
    }

    @Test("a body that is too short has no fields behind it either")
    func shortWithTrailers() {
        var body = RequestBody(.length(3), isComplete: false)
        #expect(throws: MalformedMessage.bodyLength) {
            try body.end(with: [(name: "x", value: "1")], endsStream: true)
        }
    }
}
