import HTTPFraming
import Testing

@Suite("Field lines, in both directions")
struct FieldLineTests {
    @Test(
        "a wrong field line is refused",
        arguments: [
            ("X: a\nY: b", .bareLineFeed),
            ("X: a\rY: b", .bareCarriageReturn),
            ("X: a\r\r", .bareCarriageReturn),
            ("X: a\u{0}", .controlCharacter),
            ("X: \u{1b}a", .controlCharacter),
            ("X: a\u{7f}b", .controlCharacter),
            ("X\u{1}: a", .controlCharacter),
            ("X : a", .whitespaceBeforeColon),
            ("X\t: a", .whitespaceBeforeColon),
            ("X Y: a", .whitespaceBeforeColon),
            ("X: a\r\n b", .foldedField),
            ("X: a\r\n\tb: c", .foldedField),
            ("X: a\r\n \r\nY: b", .foldedField),
            (": a", .emptyFieldName),
            ("X", .missingColon),
            ("X/Y: a", .invalidFieldName),
            ("X\u{e9}: a", .invalidFieldName),
            ("X(: a", .invalidFieldName),
            ("Content-Length: ", .invalidContentLength),
            ("Content-Length: +1", .invalidContentLength),
            ("Content-Length: -1", .invalidContentLength),
            ("Content-Length: 1 1", .invalidContentLength),
            ("Content-Length: 1, 1", .invalidContentLength),
            ("Content-Length: 0x1", .invalidContentLength),
            ("Content-Length: 1.0", .invalidContentLength),
            ("Content-Length: 9223372036854775808", .invalidContentLength),
            ("Content-Length: 18446744073709551617", .invalidContentLength),
            ("Content-Length: 1\r\nContent-Length: 1", .repeatedContentLength),
            ("Content-Length: 1\r\nX: a\r\ncontent-length: 2", .repeatedContentLength),
            ("Transfer-Encoding: gzip", .unsupportedTransferCoding),
            ("Transfer-Encoding: gzip, chunked", .unsupportedTransferCoding),
            ("Transfer-Encoding: chunked, identity", .unsupportedTransferCoding),
            ("Transfer-Encoding: chunked;q=1", .unsupportedTransferCoding),
            ("Transfer-Encoding: ,chunked", .unsupportedTransferCoding),
            ("Transfer-Encoding: xchunked", .unsupportedTransferCoding),
            ("Transfer-Encoding: \"chunked\"", .unsupportedTransferCoding),
            ("Transfer-Encoding:", .unsupportedTransferCoding),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .repeatedTransferEncoding),
            ("Transfer-Encoding: chunked\r\nContent-Length: 1", .lengthAndTransferEncoding),
            ("Content-Length: 0\r\nTransfer-Encoding: chunked", .lengthAndTransferEncoding),
            ("Transfer-Encoding: chunked\t", .tabAroundFraming),
            ("Transfer-Encoding:\tchunked", .tabAroundFraming),
            ("Content-Length: 1\t", .tabAroundFraming),
            ("Content-Length:\t1", .tabAroundFraming),
            ("Connection: close\t", .tabAroundFraming),
            ("Connection: a b", .invalidConnectionOption),
            ("Connection: \"close\"", .invalidConnectionOption),
        ] as [(String, FramingError)]
    )
    func refused(_ line: String, _ error: FramingError) {
        #expect(throws: error) { try readRequest(request(line)) }
        #expect(throws: error) { try readRequest(request(line), .byteByByte) }
        #expect(throws: error) { try readResponse(response(line)) }
        #expect(throws: error) { try readResponse(response(line), .byteByByte) }
    }

    @Test(
        "an unusual but right field line is accepted",
        arguments: [
            "X:a", "X:", "X: \t ", "X:\ta\t", "!#$%&'*+-.^_`|~09azAZ: a", "X: a: b", "X: caf\u{e9} \u{80}", "X: \"a",
            "Connection:", "Connection: , ,", "Connection: a,b ,  c", "Transfer-Encodin: x", "Content-Lengthy: x",
        ]
    )
    func accepted(_ line: String) throws {
        #expect(try readRequest(request(line))?.fieldLines == "Host: a\r\n\(line)\r\n")
        #expect(try readResponse(response(line))?.fieldLines == "\(line)\r\n")
    }

    @Test("Transfer-Encoding doesn't go with HTTP/1.0")
    func transferEncodingInHTTP10() {
        let line = "Transfer-Encoding: chunked\r\n\r\n"
        #expect(throws: FramingError.transferEncodingInHTTP10) { try readRequest("PUT / HTTP/1.0\r\n" + line) }
        #expect(throws: FramingError.transferEncodingInHTTP10) { try readResponse("HTTP/1.0 200 OK\r\n" + line) }
    }

    @Test("any control character but HTAB is refused wherever it stands in a line")
    func controlCharacters() {
        for code in UInt8(0)...0x1F where code != 0x09 && code != 0x0A && code != 0x0D {
            let character = String(UnicodeScalar(code))
            for padding in 0...9 {
                let value = String(repeating: "a", count: padding) + character
                #expect(throws: FramingError.controlCharacter) { try readRequest(request("X: \(value)bcdefghij")) }
            }
        }
    }

    @Test("all known fields are known, in any case")
    func knownFields() throws {
        let names: [(String, KnownField)] = [
            ("Keep-Alive", .keepAlive), ("Proxy-Connection", .proxyConnection), ("TE", .te), ("Trailer", .trailer),
            ("Upgrade", .upgrade), ("Expect", .expect), ("X-Forwarded-For", .forwardedFor), ("X-Paddler-Trace", .trace),
            ("X-Paddler-Agent", .agent), ("X-Paddler-Explain", .explain), ("X-Paddler-Upstream", .chosenUpstream),
            ("X-Paddler-Reason", .choiceReason), ("X-Paddler-Class", .requestedClass),
            ("X-Forwarded-Proto", .forwardedProto), ("X-Request-Id", .requestID),
            ("X-Conversation-Id", .conversationID), ("Traceparent", .traceParent),
            ("Authorization", .authorization), ("X-Api-Key", .apiKey), ("Content-Type", .contentType),
            ("Content-Encoding", .contentEncoding),
            ("HTTP2-Settings", .http2Settings),
            ("Connection", .connection), ("X-Forwarded-Host", .forwardedHost), ("X-Forwarded-Port", .forwardedPort),
            ("X-Forwarded-Prefix", .forwardedPrefix), ("X-Real-IP", .realIP), ("Forwarded", .forwarded), ("Via", .via),
            ("Cookie", .cookie), ("Origin", .origin), ("Access-Control-Request-Method", .requestedMethod),
            ("Access-Control-Allow-Origin", .allowedOrigin),
        ]
        for (name, field) in names {
            for spelling in [name, name.lowercased(), name.uppercased()] {
                #expect(try readResponse(response("\(spelling): a"))?.known == [ReadField(field: field, value: "a")])
            }
        }
        let others: Set = [KnownField.host, .transferEncoding, .contentLength, .nominated]
        #expect(others.union(names.map(\.1)) == Set(KnownField.allCases))
    }

    @Test("fields that Connection names are found, before and after it")
    func nominated() throws {
        let lines = ["X-One: 1", "Connection: x-one, Two", "two: 2", "Three: 3", "connection: close,X-ONE", "X-One:"]
        for text in [request(lines.joined(separator: "\r\n")), response(lines.joined(separator: "\r\n"))] {
            let known = try text.hasPrefix("HTTP") ? readResponse(text)?.known : readRequest(text)?.known
            #expect(
                known?.filter { $0.field != .host } == [
                    ReadField(field: .nominated, value: "1"),
                    ReadField(field: .connection, value: "x-one, Two"),
                    ReadField(field: .nominated, value: "2"),
                    ReadField(field: .connection, value: "close,X-ONE"),
                    ReadField(field: .nominated, value: ""),
                ]
            )
        }
    }

    @Test("fields that a proxy needs can't be taken out by naming them")
    func knownFieldsAreNotNominated() throws {
        let text = request("Connection: host, content-length, x-forwarded-for, close", "Content-Length: 1", "Close: 1")
        #expect(try readRequest(text)?.known.map(\.field) == [.host, .connection, .contentLength])
        #expect(try readRequest(text)?.body == .length(1))
    }

    @Test("kept lines are passed on in runs, without the dropped ones")
    func keptRanges() throws {
        let bytes = Array(
            request("A: 1", "B: 2", "Connection: hop", "Keep-Alive: 3", "C: 4", "Hop: 5", "D: 6", "TE: trailers").utf8
        )
        var head = RequestHead()
        try #require(try head.parse(bytes.span))
        var runs: [String] = []
        head.forEachKeptRange(dropping: .hopByHop) { runs.append(text(bytes, $0)) }
        #expect(runs == ["Host: a\r\nA: 1\r\nB: 2\r\n", "C: 4\r\n", "D: 6\r\n"])

        runs = []
        head.forEachKeptRange(dropping: [.host, .te]) { runs.append(text(bytes, $0)) }
        #expect(runs == ["A: 1\r\nB: 2\r\nConnection: hop\r\nKeep-Alive: 3\r\nC: 4\r\nHop: 5\r\nD: 6\r\n"])
        #expect(head.first(.keepAlive).map { text(bytes, $0.line) } == "Keep-Alive: 3\r\n")
        #expect(head.first(.trailer) == nil)
        #expect(head.firstFieldLine == 27)
    }

    @Test("a head without fields has nothing to keep")
    func noFields() throws {
        #expect(try readResponse(response())?.fieldLines == "")
    }

    @Test("a head is refused at the byte that is one too many")
    func headLimit() throws {
        var limits = HeadLimits()
        let text = request("X: y")
        limits.maximumBytes = text.utf8.count
        for arrival in Arrival.all(for: text) {
            #expect(try readRequest(text + "body", arrival, limits: limits) != nil)
        }
        limits.maximumBytes -= 1
        for arrival in Arrival.all(for: text) {
            #expect(throws: FramingError.headTooLarge) { try readRequest(text, arrival, limits: limits) }
        }
        limits.maximumBytes = 20
        #expect(throws: FramingError.requestLineTooLong) { try readRequest(text, limits: limits) }
        #expect(try readRequest(String(text.prefix(19)), limits: limits) == nil)
        limits.maximumBytes = response().utf8.count
        #expect(try readResponse(response(), limits: limits) != nil)
        #expect(throws: FramingError.headTooLarge) { try readResponse(response("X: y"), limits: limits) }
    }

    @Test("a head has no more fields than the limit")
    func fieldLimit() throws {
        var limits = HeadLimits()
        limits.maximumFields = 3
        #expect(try readRequest(request("X: 1", "X: 2"), limits: limits)?.fieldCount == 3)
        #expect(throws: FramingError.tooManyFields) { try readRequest(request("X: 1", "X: 2", "X: 3"), limits: limits) }
    }

    @Test("Connection names no more than 32 options")
    func optionLimit() throws {
        let options = repeatElement("a", count: 32).joined(separator: ",")
        #expect(try readRequest(request("Connection: \(options)")) != nil)
        #expect(throws: FramingError.tooManyConnectionOptions) { try readRequest(request("Connection: \(options),a")) }
    }
}
