import HTTPFraming
import Testing

@Suite("Response heads")
struct ResponseHeadTests {
    static let stream = """
        HTTP/1.1 200 OK then\r
        Server: llama.cpp\r
        Transfer-Encoding: chunked\r
        Keep-Alive: timeout=5\r
        \r

        """

    @Test("all parts of a head are found")
    func parts() throws {
        let head = try #require(try readResponse(Self.stream + "5\r\nhello"))
        #expect(head.version == .http11)
        #expect(head.status == 200)
        #expect(head.reason == "OK then")
        #expect(head.statusLine == "HTTP/1.1 200 OK then\r\n")
        #expect(head.body == .chunked)
        #expect(head.keepsAlive)
        #expect(head.fieldCount == 3)
        #expect(head.length == Self.stream.utf8.count)
        #expect(head.statusLine + head.fieldLines + "\r\n" == Self.stream)
        #expect(
            head.known == [
                ReadField(field: .transferEncoding, value: "chunked"),
                ReadField(field: .keepAlive, value: "timeout=5"),
            ]
        )
    }

    static let accepted = [
        stream, response(), response("Content-Length: 3"), "HTTP/1.0 999\r\n\r\n", "HTTP/1.1 100 \r\n\r\n",
        response("Connection: Hop", "Hop: 1"),
    ]

    @Test("a head is read the same however it arrives", arguments: accepted)
    func arrival(_ text: String) throws {
        let whole = try #require(try readResponse(text))
        for arrival in Arrival.all(for: text) {
            #expect(try readResponse(text, arrival) == whole, "\(arrival)")
            #expect(try readResponse(text + "more", arrival) == whole, "\(arrival)")
        }
    }

    @Test("a head isn't complete before its last byte", arguments: accepted)
    func incomplete(_ text: String) throws {
        for count in 0..<text.utf8.count {
            #expect(try readResponse(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil)
        }
    }

    @Test("a head can be used for the next one after a reset")
    func reuse() throws {
        let first = Array(Self.stream.utf8)
        let second = Array("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8)
        var head = ResponseHead()
        #expect(try head.parse(first.span, answering: .post))
        #expect(try head.parse(first.span, answering: .post))
        head.reset()
        #expect(try head.parse(second.span, answering: .post))
        #expect(ReadResponse(head, second) == (try readResponse(text(second, 0..<second.count))))
    }

    @Test(
        "a status line is three digits and a reason, which may be empty",
        arguments: [
            ("HTTP/1.1 200 OK", 200, "OK"), ("HTTP/1.1 200 ", 200, ""), ("HTTP/1.1 200", 200, ""),
            ("HTTP/1.0 599 a  b\t", 599, "a  b\t"), ("HTTP/1.1 100 Continue", 100, "Continue"),
            ("HTTP/1.1 999  ", 999, " "),
        ]
    )
    func statusLine(_ line: String, _ status: Int, _ reason: String) throws {
        let head = try #require(try readResponse(line + "\r\n\r\n"))
        #expect(head.status == status)
        #expect(head.reason == reason)
        #expect(head.statusLine == line + "\r\n")
    }

    @Test(
        "a wrong status line is refused",
        arguments: [
            ("", .malformedStatusLine), ("HTTP/1.1 20", .malformedStatusLine), ("HTTP/1.1 2000", .malformedStatusLine),
            ("HTTP/1.1  200", .malformedStatusLine), ("HTTP/1.1 099 a", .malformedStatusLine),
            ("HTTP/1.1 2x0 a", .malformedStatusLine), ("HTTP/1.1 200\tOK", .malformedStatusLine),
            ("HTTP/1.1\t200 OK", .malformedStatusLine), ("http/1.1 200 OK", .malformedVersion),
            ("HTTP/2.0 200 OK", .unsupportedVersion), ("ICY 200 OK, then", .malformedStatusLine),
            ("HTTP/1.1 200 a\u{7f}", .controlCharacter),
        ] as [(String, FramingError)]
    )
    func wrongStatusLine(_ line: String, _ error: FramingError) {
        #expect(throws: error) { try readResponse(line + "\r\n\r\n") }
        #expect(throws: error) { try readResponse(line + "\r\n\r\n", .byteByByte) }
    }

    struct Example: CustomTestStringConvertible, Sendable {
        var method: RequestMethod
        var status: Int
        var field: String
        var body: BodyFraming
        var keepsAlive: Bool

        init(_ method: RequestMethod, _ status: Int, _ field: String, _ body: BodyFraming, keepsAlive: Bool) {
            self.method = method
            self.status = status
            self.field = field
            self.body = body
            self.keepsAlive = keepsAlive
        }

        var testDescription: String { "\(status) with \(field) to \(method)" }
    }

    @Test(
        "request, status and fields say which body follows, and whether the connection can be used again",
        arguments: [
            Example(.get, 200, "Content-Length: 7", .length(7), keepsAlive: true),
            Example(.get, 200, "Content-Length: 0", .length(0), keepsAlive: true),
            Example(.get, 200, "Transfer-Encoding: chunked", .chunked, keepsAlive: true),
            Example(.get, 200, "Content-Length: 7\r\nConnection: close", .length(7), keepsAlive: false),
            Example(.get, 200, "X: y", .untilClose, keepsAlive: false),
            Example(.head, 200, "X: y", .none, keepsAlive: true),
            Example(.head, 200, "Content-Length: 7", .none, keepsAlive: true),
            Example(.head, 200, "Transfer-Encoding: chunked", .none, keepsAlive: true),
            Example(.get, 304, "Content-Length: 7", .none, keepsAlive: true),
            Example(.get, 204, "X: y", .none, keepsAlive: true),
            Example(.get, 204, "Content-Length: 0", .none, keepsAlive: true),
            Example(.get, 204, "Content-Length: 7", .none, keepsAlive: false),
            Example(.get, 204, "Transfer-Encoding: chunked", .none, keepsAlive: false),
            Example(.get, 100, "X: y", .none, keepsAlive: true),
            Example(.get, 103, "Content-Length: 7", .none, keepsAlive: false),
            Example(.get, 101, "Upgrade: x", .none, keepsAlive: false),
            Example(.connect, 200, "Content-Length: 7", .untilClose, keepsAlive: false),
            Example(.connect, 400, "Content-Length: 7", .length(7), keepsAlive: true),
        ]
    )
    func body(_ example: Example) throws {
        let text = "HTTP/1.1 \(example.status) R\r\n\(example.field)\r\n\r\n"
        let head = try #require(try readResponse(text, answering: example.method))
        #expect(head.body == example.body)
        #expect(head.keepsAlive == example.keepsAlive)
    }

    @Test("an HTTP/1.0 response leaves the connection open only if it says so")
    func http10() throws {
        let text = "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n"
        #expect(try readResponse(text + "\r\n")?.keepsAlive == false)
        #expect(try readResponse(text + "Connection: keep-alive\r\n\r\n")?.keepsAlive == true)
    }
}
