import HTTPFraming
import SeededRandom
import Testing

@testable import HTTP2Front

@Suite("A request's fields, from HTTP/2 to HTTP/1.1")
struct RequestFieldsTests {
    static let usual = [(":method", "GET"), (":scheme", "https"), (":authority", "example"), (":path", "/a?b=c")]

    private func head(
        _ fields: [(String, String)],
        endsStream: Bool = true
    ) throws(MalformedMessage) -> (text: String, body: RequestBody) {
        var request = RequestFields()
        for (name, value) in fields { try request.add(name, value) }
        let (bytes, body) = try request.head(endsStream: endsStream)
        return (String(decoding: bytes, as: UTF8.self), body)
    }

    // MARK: - What goes through

    @Test("pseudo-header fields make the request line and Host; the others are lines in their order")
    func usual() throws {
        let (text, body) = try head(Self.usual + [("accept", "*/*"), ("x-a", "1, 2"), ("x-a", "3")])
        #expect(text == "GET /a?b=c HTTP/1.1\r\nHost: example\r\naccept: */*\r\nx-a: 1, 2\r\nx-a: 3\r\n\r\n")
        #expect(body.framing == .none && body.isComplete)
    }

    @Test("crumbs of a cookie are one line")
    func cookies() throws {
        let (text, _) = try head(Self.usual + [("cookie", "a=1"), ("x", "y"), ("cookie", "b=2; c=3"), ("cookie", "")])
        #expect(text.hasSuffix("x: y\r\ncookie: a=1; b=2; c=3; \r\n\r\n"))
    }

    @Test("a body of a known length says it, another one comes in chunks")
    func bodies() throws {
        let known = try head(Self.usual + [("content-length", "07")], endsStream: false)
        #expect(known.text.contains("\r\ncontent-length: 7\r\n") && known.body.framing == .length(7))
        let unknown = try head(Self.usual, endsStream: false)
        #expect(unknown.text.contains("\r\ntransfer-encoding: chunked\r\n") && unknown.body.framing == .chunked)
    }

    @Test("a method that has a body usually says that there is none", arguments: ["POST", "PUT", "PATCH", "GET"])
    func withoutBody(method: String) throws {
        let fields = [(":method", method)] + Self.usual.dropFirst()
        #expect(try head(fields).text.contains("content-length: 0\r\n") == (method != "GET"))
        #expect(try head(fields + [("content-length", "0")]).text.contains("content-length: 0\r\n"))
    }

    @Test("Host is the authority, or what a client of old calls host; as the same both may come")
    func hosts() throws {
        let without = Self.usual.filter { $0.0 != ":authority" }
        #expect(try head(without + [("host", "other:1")]).text.contains("\r\nHost: other:1\r\n"))
        #expect(try head(Self.usual + [("host", "EXAMPLE")]).text.contains("\r\nHost: example\r\n"))
        // What serves HTTP/1.1 answers that it misses one.
        #expect(try !head(without).text.contains("Host"))
    }

    @Test("te says something of this connection alone")
    func te() throws {
        #expect(try !head(Self.usual + [("te", "trailers")]).text.contains("te:"))
    }

    @Test("OPTIONS may ask about the whole server, and CONNECT has no path")
    func odd() throws {
        let options = [(":method", "OPTIONS"), (":scheme", "http"), (":authority", "a"), (":path", "*")]
        #expect(try head(options).text.hasPrefix("OPTIONS * HTTP/1.1\r\nHost: a\r\n"))
        let connect = [(":method", "CONNECT"), (":authority", "a:1")]
        #expect(try head(connect).text == "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n")
    }

    @Test("what isn't for a web server is answered so", arguments: ["foo", "ftp", "coap+tcp"])
    func schemes(scheme: String) throws {
        let fields = [(":method", "GET"), (":scheme", scheme), (":authority", "a"), (":path", "/b")]
        let text = try head(fields).text
        #expect(text.hasPrefix("GET \(scheme)://a/b HTTP/1.1\r\n"))
        var parser = RequestHead()
        let bytes = Array(text.utf8)
        let error = #expect(throws: FramingError.self) { try parser.parse(bytes.span) }
        #expect(error == .invalidTarget)
    }

    // MARK: - What doesn't

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fields: [(String, String)]
        let error: MalformedMessage
        var endsStream = true
    }

    private static func with(_ fields: (String, String)...) -> [(String, String)] { usual + fields }

    private static func replacing(_ name: String, _ value: String?) -> [(String, String)] {
        usual.compactMap { field in field.0 == name ? value.map { (name, $0) } : field }
    }

    static let cases: [Case] = [
        Case(testDescription: "no method", fields: replacing(":method", nil), error: .missingPseudoField),
        Case(testDescription: "no scheme", fields: replacing(":scheme", nil), error: .missingPseudoField),
        Case(testDescription: "no path", fields: replacing(":path", nil), error: .missingPseudoField),
        Case(testDescription: "two methods", fields: usual + [(":method", "GET")], error: .repeatedPseudoField),
        Case(testDescription: "two schemes", fields: usual + [(":scheme", "http")], error: .repeatedPseudoField),
        Case(testDescription: "two paths", fields: usual + [(":path", "/")], error: .repeatedPseudoField),
        Case(testDescription: "two authorities", fields: usual + [(":authority", "b")], error: .repeatedPseudoField),
        Case(testDescription: "a late one", fields: [("a", "b")] + usual, error: .latePseudoField),
        Case(testDescription: "one of answers", fields: usual + [(":status", "200")], error: .unknownPseudoField),
        Case(testDescription: "an unknown one", fields: usual + [(":foo", "1")], error: .unknownPseudoField),
        Case(
            testDescription: "one for tunnels",
            fields: usual + [(":protocol", "websocket")],
            error: .unknownPseudoField
        ),
        Case(testDescription: "upper case", fields: with(("X-Test", "1")), error: .fieldName),
        Case(testDescription: "an empty name", fields: with(("", "1")), error: .fieldName),
        Case(testDescription: "a colon in a name", fields: with(("a:b", "1")), error: .fieldName),
        Case(testDescription: "a space in a name", fields: with(("a b", "1")), error: .fieldName),
        Case(testDescription: "a line in a name", fields: with(("a\r\nb", "1")), error: .fieldName),
        Case(testDescription: "a name that isn't ASCII", fields: with(("ä", "1")), error: .fieldName),
        Case(testDescription: "CR in a value", fields: with(("a", "b\rc")), error: .fieldValue),
        Case(testDescription: "LF in a value", fields: with(("a", "b\nc")), error: .fieldValue),
        Case(testDescription: "a line in a value", fields: with(("a", "b\r\nc: d")), error: .fieldValue),
        Case(testDescription: "NUL in a value", fields: with(("a", "b\0c")), error: .fieldValue),
        Case(testDescription: "a space before a value", fields: with(("a", " b")), error: .fieldValue),
        Case(testDescription: "a tab behind a value", fields: with(("a", "b\t")), error: .fieldValue),
        Case(testDescription: "a line in a cookie", fields: with(("cookie", "a\r\nb")), error: .fieldValue),
        Case(testDescription: "a line in a host", fields: with(("host", "example\r\n")), error: .fieldValue),
        Case(testDescription: "connection", fields: with(("connection", "close")), error: .connectionField),
        Case(testDescription: "keep-alive", fields: with(("keep-alive", "timeout=5")), error: .connectionField),
        Case(testDescription: "proxy-connection", fields: with(("proxy-connection", "close")), error: .connectionField),
        Case(testDescription: "upgrade", fields: with(("upgrade", "h2c")), error: .connectionField),
        Case(testDescription: "chunks", fields: with(("transfer-encoding", "chunked")), error: .connectionField),
        Case(testDescription: "te of another kind", fields: with(("te", "gzip, trailers")), error: .connectionField),
        Case(testDescription: "an empty method", fields: replacing(":method", ""), error: .method),
        Case(testDescription: "a space in a method", fields: replacing(":method", "GET / HTTP/1.1"), error: .method),
        Case(testDescription: "a line in a method", fields: replacing(":method", "GET\r\n"), error: .method),
        Case(testDescription: "an empty scheme", fields: replacing(":scheme", ""), error: .scheme),
        Case(testDescription: "a path in a scheme", fields: replacing(":scheme", "/x"), error: .scheme),
        Case(testDescription: "a space in a scheme", fields: replacing(":scheme", "http /"), error: .scheme),
        Case(testDescription: "an authority in a scheme", fields: replacing(":scheme", "http://a"), error: .scheme),
        Case(testDescription: "an empty path", fields: replacing(":path", ""), error: .path),
        Case(testDescription: "a space in a path", fields: replacing(":path", "/ HTTP/1.1"), error: .path),
        Case(testDescription: "a line in a path", fields: replacing(":path", "/\r\nx: y"), error: .path),
        Case(testDescription: "a fragment", fields: replacing(":path", "/#a"), error: .path),
        Case(testDescription: "a path without a slash", fields: replacing(":path", "a"), error: .path),
        Case(testDescription: "a whole URL", fields: replacing(":path", "http://other/"), error: .path),
        Case(testDescription: "the whole server", fields: replacing(":path", "*"), error: .path),
        Case(testDescription: "an empty authority", fields: replacing(":authority", ""), error: .authority),
        Case(testDescription: "a space in an authority", fields: replacing(":authority", "a b"), error: .authority),
        Case(testDescription: "a line in an authority", fields: replacing(":authority", "a\r\nb"), error: .authority),
        Case(testDescription: "another host", fields: with(("host", "other")), error: .severalHosts),
        Case(
            testDescription: "two hosts",
            fields: with(("host", "example"), ("host", "example")),
            error: .severalHosts
        ),
        Case(testDescription: "a length of nothing", fields: with(("content-length", "")), error: .contentLength),
        Case(testDescription: "a negative length", fields: with(("content-length", "-1")), error: .contentLength),
        Case(testDescription: "a signed length", fields: with(("content-length", "+1")), error: .contentLength),
        Case(testDescription: "two in one", fields: with(("content-length", "1, 1")), error: .contentLength),
        Case(
            testDescription: "too large a length",
            fields: with(("content-length", "9223372036854775808")),
            error: .contentLength
        ),
        Case(
            testDescription: "two lengths",
            fields: with(("content-length", "1"), ("content-length", "1")),
            error: .contentLength
        ),
        Case(testDescription: "a length without a body", fields: with(("content-length", "1")), error: .bodyLength),
        Case(
            testDescription: "a tunnel with a path",
            fields: [(":method", "CONNECT"), (":authority", "a:1"), (":path", "/")],
            error: .needlessPseudoField
        ),
        Case(testDescription: "a tunnel to nowhere", fields: [(":method", "CONNECT")], error: .missingPseudoField),
    ]

    @Test("what RFC 9113 8 calls malformed is refused", arguments: cases)
    func malformed(_ example: Case) throws {
        let error = #expect(throws: MalformedMessage.self) { try head(example.fields, endsStream: example.endsStream) }
        #expect(error == example.error)
    }

    @Test("whatever the fields are, the head is one, and has the lines that were meant")
    func nothingIsSmuggled() throws {
        var random = SplitMix64(seed: 7)
        let pieces = [
            "a", "GET", "/", "*", "\r", "\n", "\r\n", "\0", " ", "\t", ":", ",", ";", "http", "https", "host", "x", "é",
            "0",
            "17", "chunked", "transfer-encoding", "content-length", "cookie", "connection", "#", "?", "@", "\u{7F}",
            "[::1]",
            "HTTP/1.1", ":path", "OPTIONS", "CONNECT", "example",
        ]
        func text() -> String {
            (0..<Int.random(in: 0...3, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        var heads = 0
        for _ in 0..<20_000 {
            var fields = Self.usual.map { Bool.random(using: &random) ? ($0.0, text()) : $0 }
            for _ in 0..<Int.random(in: 0...3, using: &random) { fields.append((text(), text())) }
            guard let (text, _) = try? head(fields, endsStream: Bool.random(using: &random)) else { continue }
            heads += 1
            let bytes = Array(text.utf8)
            var parser = RequestHead()
            // Whether it makes sense is the parser's to say; but nothing is behind it, and nothing too much is in it.
            #expect(text.hasSuffix("\r\n\r\n") && text.components(separatedBy: "\r\n\r\n").count == 2)
            let lines = text.components(separatedBy: "\r\n").dropFirst().dropLast(2)
            #expect(lines.count <= fields.count + 1)
            #expect(lines.count { $0.lowercased().hasPrefix("content-length:") } <= 1)
            if (try? parser.parse(bytes.span)) == true {
                #expect(parser.length == bytes.count)
                #expect(text.dropLast(4).utf8.allSatisfy { $0 != 0 })
            }
        }
        #expect(heads > 500)
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
