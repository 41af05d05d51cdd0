import HTTPFraming
import NIOHPACK
import SeededRandom
import Testing

@testable import HTTP2Front

@Suite("An answer, from HTTP/1.1 to frames")
struct AnswerTests {
    /// What an answer has become.
    private struct Frames: Equatable {
        var statuses: [Int] = []
        var fields: [String] = []
        var body = ""
        var trailers: [String] = []
        var hasEnded = false
        var hasExcess = false
    }

    /// - Parameter cuts: where the bytes are cut into writes.
    private func frames(
        of text: String,
        isForHead: Bool = false,
        cuts: [Int] = []
    ) throws -> (frames: Frames, ending: Answer.Ending) {
        var answer = Answer(isForHead: isForHead)
        var frames = Frames()
        let bytes = Array(text.utf8)
        var waiting: [UInt8] = []
        let bounds = [0] + cuts.sorted() + [bytes.count]
        for (start, end) in zip(bounds, bounds.dropFirst()) {
            waiting += bytes[start..<end]
            try Self.use(&waiting, &answer, &frames)
        }
        return (frames, answer.end())
    }

    private static func use(_ waiting: inout [UInt8], _ answer: inout Answer, _ frames: inout Frames) throws {
        while !waiting.isEmpty {
            switch try answer.next(waiting.span) {
            case .needMore: return
            case .head(let length, let isInterim, let endsStream):
                frames.statuses.append(answer.status)
                #expect(isInterim == (answer.status < 200))
                answer.forEachField(in: waiting.span) { frames.fields.append("\($0)=\($1)") }
                frames.hasEnded = endsStream
                waiting.removeFirst(length)
            case .data(let range, let endsStream):
                #expect(!range.isEmpty)
                frames.body += String(decoding: waiting[range], as: UTF8.self)
                frames.hasEnded = endsStream
                waiting.removeFirst(range.upperBound)
            case .framing(let count):
                waiting.removeFirst(count)
            case .end(let count, let hasTrailers):
                if hasTrailers { answer.forEachTrailer { frames.trailers.append("\($0)=\($1)") } }
                frames.hasEnded = true
                waiting.removeFirst(count)
            case .excess:
                frames.hasExcess = true
                return
            }
        }
    }

    @Test("a body of a known length ends the stream with its last byte")
    func length() throws {
        let (frames, ending) = try frames(of: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        #expect(frames == Frames(statuses: [200], fields: ["content-length=5"], body: "hello", hasEnded: true))
        #expect(ending == .ended)
    }

    @Test("chunks are taken apart; their end ends the stream")
    func chunks() throws {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n"
        let (frames, ending) = try frames(of: text)
        #expect(frames == Frames(statuses: [200], body: "hello!", hasEnded: true))
        #expect(ending == .ended)
    }

    @Test(
        "what is behind the last chunk goes behind the body",
        arguments: ["0\r\n", "5\r\nhello\r\n0\r\n", "5\r\nhello\r\n000;a=\"b\"\r\n"]
    )
    func trailers(body: String) throws {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)X-Sum:  1 \r\nB: c\r\n\r\n"
        for cut in 47..<text.utf8.count {
            let (frames, ending) = try frames(of: text, cuts: [cut])
            #expect(frames.trailers == ["x-sum=1", "b=c"] && frames.hasEnded && ending == .ended)
        }
    }

    @Test("a body that ends with its connection is whole when that is closed")
    func untilClose() throws {
        let (frames, ending) = try frames(of: "HTTP/1.0 200 OK\r\nA: b\r\n\r\nhello")
        #expect(frames == Frames(statuses: [200], fields: ["a=b"], body: "hello"))
        #expect(ending == .ends)
    }

    @Test(
        "an answer that isn't whole is cut",
        arguments: [
            "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        ]
    )
    func cut(text: String) throws {
        #expect(try frames(of: text).ending == .cut)
    }

    @Test("interim heads come before")
    func interim() throws {
        let text = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 204 No Content\r\nB: c\r\n\r\n"
        let (frames, _) = try frames(of: text)
        #expect(frames == Frames(statuses: [103, 204], fields: ["link=a", "b=c"], hasEnded: true))
    }

    @Test(
        "what has no body ends with its head",
        arguments: [("204 No Content", false), ("304 Not Modified", false), ("200 OK", true)]
    )
    func withoutBody(status: String, isForHead: Bool) throws {
        let fields = isForHead || status.hasPrefix("304") ? "Content-Length: 5\r\n" : ""
        let (frames, ending) = try frames(of: "HTTP/1.1 \(status)\r\n\(fields)\r\n", isForHead: isForHead)
        #expect(frames.hasEnded && frames.body.isEmpty && ending == .ended)
    }

    @Test("what is about the connection stays behind, and names are in lower case")
    func fields() throws {
        let text = """
            HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: keep-alive, X-Mine\r\nKeep-Alive: timeout=5\r\n\
            Proxy-Connection: close\r\nTransfer-Encoding: chunked\r\nUpgrade: h2c\r\nTE: trailers\r\nX-Mine: 1\r\n\
            X-Empty:\r\nSet-Cookie: a\r\nSet-Cookie:\tB \r\n\r\n0\r\n\r\n
            """
        #expect(
            try frames(of: text).frames.fields == [
                "content-type=text/plain", "x-empty=", "set-cookie=a", "set-cookie=B",
            ]
        )
    }

    @Test("another protocol is never begun")
    func switching() {
        #expect(throws: FramingError.self) { try frames(of: "HTTP/1.1 101 Switching Protocols\r\n\r\n") }
    }

    @Test("more than the answer is noticed")
    func excess() throws {
        #expect(try frames(of: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab").frames.hasExcess)
    }

    @Test("the cuts between writes change nothing")
    func anyCuts() throws {
        let text = """
            HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nServer: llama.cpp\r\nTransfer-Encoding: chunked\r\n\r\n\
            1b\r\ndata: {"content":"hello"}\n\n\r\n3\r\n: x\r\n0\r\nX-Sum: 1\r\n\r\n
            """
        let whole = try frames(of: text).frames
        #expect(whole.trailers == ["x-sum=1"] && whole.hasEnded)
        var random = SplitMix64(seed: 11)
        for _ in 0..<2000 {
            let cuts = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                Int.random(in: 0...text.utf8.count, using: &random)
            }
            #expect(try frames(of: text, cuts: cuts).frames == whole)
        }
        let each = Array(1..<text.utf8.count)
        #expect(try frames(of: text, cuts: each).frames == whole)
    }

    @Test("what differs from answer to answer stays out of HPACK's table")
    func indexing() throws {
        let bytes = Array("HTTP/1.1 200 OK\r\nServer: a\r\nX-Request-Id: b\r\nContent-Length: 0\r\n\r\n".utf8)
        var answer = Answer(isForHead: false)
        _ = try answer.next(bytes.span)
        let headers = answer.headers(in: bytes.span)
        let indexed = headers.filter { $0.indexable == .indexable }.map(\.name)
        #expect(indexed == [":status", "server"] && headers.count == 4)
    }
}
