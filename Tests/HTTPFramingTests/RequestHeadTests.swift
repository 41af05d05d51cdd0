import HTTPFraming
import Testing

@Suite("Request heads")
struct RequestHeadTests {
    static let completion = """
        POST /v1/chat/completions?x=1 HTTP/1.1\r
        Host: llm.example:8080\r
        User-Agent: curl/8\r
        content-type: application/json \r
        X-Empty:\r
        CONTENT-LENGTH:  42\r
        Expect: 100-continue\r
        X-Text: caf\u{e9}\tand more\r
        \r

        """

    @Test("all parts of a head are found")
    func parts() throws {
        let head = try #require(try readRequest(Self.completion + "{\"body\""))
        #expect(head.method == .post)
        #expect(head.methodName == "POST")
        #expect(head.target == "/v1/chat/completions?x=1")
        #expect(head.path == "/v1/chat/completions")
        #expect(head.pathAndQuery == head.target)
        #expect(head.authority == nil)
        #expect(head.version == .http11)
        #expect(head.body == .length(42))
        #expect(head.keepsAlive)
        #expect(head.expectsContinue)
        #expect(head.fieldCount == 7)
        #expect(head.length == Self.completion.utf8.count)
        #expect(
            head.known == [
                ReadField(field: .host, value: "llm.example:8080"),
                ReadField(field: .contentType, value: "application/json"),
                ReadField(field: .contentLength, value: "42"),
                ReadField(field: .expect, value: "100-continue"),
            ]
        )
        #expect("POST /v1/chat/completions?x=1 HTTP/1.1\r\n" + head.fieldLines + "\r\n" == Self.completion)
    }

    static let accepted = [
        completion,
        request(),
        request("Transfer-Encoding: chunked", "Connection: close, X-Hop", "X-Hop: 1"),
        "\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
        "GET http://a?b HTTP/1.1\r\nHost: c\r\n\r\n",
    ]

    @Test("a head is read the same however it arrives", arguments: accepted)
    func arrival(_ text: String) throws {
        let whole = try #require(try readRequest(text))
        for arrival in Arrival.all(for: text) {
            #expect(try readRequest(text, arrival) == whole, "\(arrival)")
            #expect(try readRequest(text + "more", arrival) == whole, "\(arrival)")
        }
    }

    @Test("a head isn't complete before its last byte", arguments: accepted)
    func incomplete(_ text: String) throws {
        for count in 0..<text.utf8.count {
            #expect(try readRequest(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil)
        }
    }

    @Test("a head can be asked for again once it is complete, and be used for the next one after a reset")
    func reuse() throws {
        let first = Array(Self.completion.utf8)
        let second = Array("\r\nGET http://b/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".utf8)
        var head = RequestHead()
        #expect(try head.parse(first.span))
        #expect(try head.parse(first.span))
        #expect(ReadRequest(head, first) == (try readRequest(Self.completion)))
        head.reset()
        #expect(try head.parse(second.span))
        #expect(ReadRequest(head, second) == (try readRequest(text(second, 0..<second.count))))
    }

    @Test(
        "methods are known by their exact name, and any other token is a method too",
        arguments: [
            ("GET", .get), ("HEAD", .head), ("POST", .post), ("PUT", .put), ("DELETE", .delete),
            ("OPTIONS", .options), ("PATCH", .patch), ("TRACE", .trace), ("get", .other), ("QUERY", .other),
            ("!", .other),
        ] as [(String, RequestMethod)]
    )
    func methods(_ name: String, _ method: RequestMethod) throws {
        let head = try #require(try readRequest("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n"))
        #expect(head.method == method)
        #expect(head.methodName == name)
    }

    @Test(
        "a wrong request line is refused",
        arguments: [
            ("GET  / HTTP/1.1", .malformedRequestLine),
            ("GET / HTTP/1.1 ", .malformedVersion),
            ("GET /  HTTP/1.1", .malformedVersion),
            ("GET\t/ HTTP/1.1", .malformedRequestLine),
            ("GET /\tHTTP/1.1", .invalidTarget),
            (" GET / HTTP/1.1", .malformedRequestLine),
            ("GET /", .malformedRequestLine),
            ("GET", .malformedRequestLine),
            ("G@T / HTTP/1.1", .malformedRequestLine),
            ("GET / a HTTP/1.1", .malformedVersion),
            ("GET /#a HTTP/1.1", .invalidTarget),
            ("GET /\u{e9} HTTP/1.1", .invalidTarget),
            ("GET / http/1.1", .malformedVersion),
            ("GET / HTTP/1.10", .malformedVersion),
            ("GET / HTTP/1,1", .malformedVersion),
            ("GET / HTTP/a.1", .malformedVersion),
            ("GET / HTTP/1.2", .unsupportedVersion),
            ("GET / HTTP/0.9", .unsupportedVersion),
            ("PRI * HTTP/2.0", .unsupportedVersion),
        ] as [(String, FramingError)]
    )
    func wrongRequestLine(_ line: String, _ error: FramingError) {
        let text = line + "\r\nHost: a\r\n\r\n"
        #expect(throws: error) { try readRequest(text) }
        #expect(throws: error) { try readRequest(text, .byteByByte) }
    }

    @Test("a few empty lines before a request are skipped")
    func emptyLines() throws {
        let line = "GET / HTTP/1.0\r\n\r\n"
        #expect(try readRequest("\r\n\r\n\r\n\r\n" + line)?.length == 8 + line.utf8.count)
        #expect(throws: FramingError.tooManyEmptyLines) { try readRequest("\r\n\r\n\r\n\r\n\r\n" + line) }
    }

    @Test(
        "a connection is kept or not as version and options say",
        arguments: [
            ("HTTP/1.1", "X: y", true), ("HTTP/1.1", "Connection: close", false),
            ("HTTP/1.1", "Connection: Foo, CLOSE", false), ("HTTP/1.1", "Connection: keep-alive", true),
            ("HTTP/1.1", "Connection: closed", true),
            ("HTTP/1.1", "Connection: keep-alive\r\nConnection: close", false),
            ("HTTP/1.0", "X: y", false), ("HTTP/1.0", "Connection: ,, Keep-Alive ,", true),
            ("HTTP/1.0", "Connection: keep-alive, close", false),
        ]
    )
    func keepsAlive(_ version: String, _ field: String, _ keepsAlive: Bool) throws {
        #expect(try readRequest("GET / \(version)\r\nHost: a\r\n\(field)\r\n\r\n")?.keepsAlive == keepsAlive)
    }

    @Test(
        "a client waits for 100 Continue only where it can",
        arguments: [
            ("HTTP/1.1", "Expect: 100-Continue\r\nContent-Length: 1", true),
            ("HTTP/1.1", "Expect: 100-continue\r\nTransfer-Encoding: chunked", true),
            ("HTTP/1.1", "Expect: other\r\nContent-Length: 1", false),
            ("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 0", false),
            ("HTTP/1.1", "Expect: 100-continue", false),
            ("HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 1", false),
        ]
    )
    func expectsContinue(_ version: String, _ fields: String, _ expects: Bool) throws {
        #expect(try readRequest("PUT / \(version)\r\nHost: a\r\n\(fields)\r\n\r\n")?.expectsContinue == expects)
    }

    @Test(
        "a request has the body that its fields say",
        arguments: [
            (request(), .none),
            (request("Content-Length: 0"), .length(0)),
            (request("Content-Length: 0042"), .length(42)),
            (request("Content-Length: 9223372036854775807"), .length(.max)),
            (request("Transfer-Encoding: chunked"), .chunked),
            (request("transfer-encoding:   CHUNKED "), .chunked),
        ] as [(String, BodyFraming)]
    )
    func body(_ text: String, _ body: BodyFraming) throws {
        #expect(try readRequest(text)?.body == body)
    }

    @Test("one Host that looks like one is needed, but not for HTTP/1.0")
    func host() throws {
        #expect(throws: FramingError.missingHost) { try readRequest("GET / HTTP/1.1\r\n\r\n") }
        #expect(throws: FramingError.repeatedHost) { try readRequest(request("host: a")) }
        #expect(try readRequest("GET / HTTP/1.0\r\n\r\n")?.version == .http10)
        #expect(throws: FramingError.repeatedHost) { try readRequest("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") }
    }

    static let hosts = [
        "", "a", "a.example", "127.0.0.1:80", "a:", "[::1]", "[::1]:8080", "[v1.a:b]", "a%20b", "a_b~!$&'()*+,;=",
        "1:2",
    ]

    @Test("what looks like a host is one", arguments: hosts)
    func validHost(_ host: String) throws {
        #expect(try readRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") != nil)
    }

    @Test(
        "what doesn't look like a host is refused",
        arguments: [
            "a b", "a/b", "user@a", "a?b", "a#b", ":80", "a:8x", "a:80:80", "[::1", "[]", "::1", "[::1]a", "a%2",
            "a%zz",
            "caf\u{e9}", "http://a", "a\\b", "a, b", "[a]:b", "[a b]",
        ]
    )
    func invalidHost(_ host: String) {
        #expect(throws: FramingError.invalidHost) { try readRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") }
        #expect(throws: FramingError.invalidAuthority) { try Self.absolute(host) }
    }

    private static func absolute(_ host: String) throws(FramingError) {
        // These would be the start of the path, or are refused as a character of the target.
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x80 && !"/?#".utf8.contains($0) }) else {
            throw .invalidAuthority
        }
        _ = try readRequest("GET http://\(host)/ HTTP/1.1\r\nHost: a\r\n\r\n")
    }
}
