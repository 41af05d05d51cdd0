import FramingCorpus
import Testing

@testable import ReverseProxy

/// Every request of the corpus, with another one right behind it, over a raw socket: whole and in pieces.
@Suite("One request in is one request out, or an error and the end", .timeLimit(.minutes(3)))
struct RequestCorpusTests {
    private static let families = RequestCorpus.families.map(\.name)
    private static let sentinel = "GET /sentinel HTTP/1.1\r\nHost: sentinel\r\n\r\n"
    private static let answer = RecordingUpstream.Answer(
        bytes: Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
    )

    @Test("the corpus has 500 cases at least, each with a name of its own and a rule")
    func corpus() {
        let cases = RequestCorpus.families.flatMap(\.cases)
        #expect(cases.count >= 500)
        let names = Dictionary(grouping: cases, by: \.name).filter { $0.value.count > 1 }.keys
        #expect(names.isEmpty)
        #expect(cases.allSatisfy { $0.rule.hasPrefix("RFC 91") })
    }

    @Test("the corpus", arguments: families, [1, 20])
    func family(name: String, pieces: Int) async throws {
        let family = try #require(RequestCorpus.families.first { $0.name == name })
        try await withProxy { proxy in
            let recorder = RecordingUpstream()
            try await withThrowingTaskGroup { group in
                let upstream = proxy.upstreams[0]
                group.addTask { await recorder.serve(upstream) { _ in Self.answer } }
                defer { group.cancelAll() }
                let sentinel = try await proxy.connect()
                for request in family.cases {
                    let seen = try await send(request, pieces, to: proxy)
                    // What was sent to the upstream before is there before this.
                    try await sentinel.send(Self.sentinel)
                    _ = try await sentinel.readMessage()
                    check(request, seen, try await recorder.takeRequests())
                }
            }
        }
    }

    /// - Returns: all that the client gets, and how it ends.
    private func send(
        _ request: RequestCase,
        _ pieces: Int,
        to proxy: TestProxy
    ) async throws -> (text: String, end: RawConnection.End) {
        let client = try await proxy.connect()
        client.begin(sending: request.bytes + Array(RequestCorpus.follower.utf8), pieces: pieces)
        if case .unfinished = request.expectation { try await client.finish() }
        let seen = try await client.readToEnd()
        await client.close()
        return seen
    }

    private func check(_ request: RequestCase, _ seen: (text: String, end: RawConnection.End), _ recorded: [Message]) {
        let comment: Comment = "\(request.name), \(request.rule)"
        var others = recorded
        #expect(others.popLast()?.startLine == "GET /sentinel HTTP/1.1", comment)
        switch request.expectation {
        case .refused(let status):
            #expect(statuses(in: seen.text) == [status], comment)
            #expect(seen.text.contains("Connection: close"), comment)
            #expect(others.map(\.startLine).isEmpty, comment)
        case .answered(let status):
            #expect(statuses(in: seen.text) == [status, 200], comment)
            #expect(others.map(\.startLine) == ["GET /follower HTTP/1.1"], comment)
        case .unfinished:
            #expect(seen.text.isEmpty, comment)
            #expect(others.map(\.startLine).isEmpty, comment)
        case .passed(let expected):
            #expect(statuses(in: seen.text) == (expected.isLast ? [200] : [200, 200]), comment)
            let follower = expected.isLast ? [] : ["GET /follower HTTP/1.1"]
            #expect(others.map(\.startLine) == [expected.startLine] + follower, comment)
            if let first = others.first { check(first, expected, comment) }
            if let last = others.last, !expected.isLast { #expect(last["Host"] == ["follower"], comment) }
        }
        // Who says that its request is the last one, and sends another, may see a reset behind the answer.
        if case .passed(let expected) = request.expectation, expected.isLast { return }
        if case .unfinished = request.expectation { return }
        #expect(seen.end == .finished, comment)
    }

    private func check(_ request: Message, _ expected: PassedRequest, _ comment: Comment) {
        #expect(request["Host"].map { $0.filter { $0 != " " } } == [expected.host], comment)
        #expect(request.body == expected.body, comment)
        #expect(request["Content-Length"].count <= 1, comment)
        for name in ["Transfer-Encoding", "Connection", "Upgrade", "Keep-Alive", "TE", "Expect"] + expected.absent {
            #expect(request[name].isEmpty, comment)
        }
        // That of a chunked body stands behind as much white space as there was room.
        let lines = request.lines.map { $0.replacing(/^Content-Length: +/, with: "Content-Length: ") }
        for line in expected.present {
            #expect(lines.contains(String(decoding: RequestCorpus.bytes(of: line), as: UTF8.self)), comment)
        }
    }
}
