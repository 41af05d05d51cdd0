import FramingCorpus
import Testing

@testable import ReverseProxy

/// Every answer of the corpus, whole and in pieces, to the first of two requests of a connection.
@Suite("A request gets one answer: its upstream's, a 502, or one that is seen to be cut", .timeLimit(.minutes(3)))
struct AnswerCorpusTests {
    private static let families = AnswerCorpus.families.map(\.name)
    private static let followersAnswer = RecordingUpstream.Answer(
        bytes: Array("HTTP/1.1 200 OK\r\nContent-Length: 8\r\nX-Follower: yes\r\n\r\nfollower".utf8)
    )

    @Test("the corpus has 50 cases at least, each with a name of its own and a rule")
    func corpus() {
        let cases = AnswerCorpus.families.flatMap(\.cases)
        #expect(cases.count >= 50)
        let names = Dictionary(grouping: cases, by: \.name).filter { $0.value.count > 1 }.keys
        #expect(names.isEmpty)
        #expect(cases.allSatisfy { $0.rule.hasPrefix("RFC 91") })
    }

    @Test("the corpus", arguments: families, [1, 20])
    func family(name: String, pieces: Int) async throws {
        let family = try #require(AnswerCorpus.families.first { $0.name == name })
        // What comes when the next request is out already can't be told from its answer, by nobody.
        let comesLater = pieces > 1 && name == "second answer"
        for answer in family.cases where !comesLater {
            try await withProxy { proxy in
                let recorder = RecordingUpstream()
                try await withThrowingTaskGroup { group in
                    let upstream = proxy.upstreams[0]
                    let evil = RecordingUpstream.Answer(bytes: answer.bytes, pieces: pieces, closes: answer.closes)
                    group.addTask {
                        await recorder.serve(upstream) {
                            $0.startLine.contains("/follower") ? Self.followersAnswer : evil
                        }
                    }
                    defer { group.cancelAll() }
                    let target = answer.method == "POST" ? "/completion" : "/props"
                    let request = "\(answer.method) \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                    let client = try await proxy.client(sending: request + RequestCorpus.follower)
                    check(answer, try await client.readToEnd())
                    await client.close()
                }
            }
        }
    }

    private func check(_ answer: AnswerCase, _ seen: (text: String, end: RawConnection.End)) {
        let comment: Comment = "\(answer.name), \(answer.rule): \(seen.text.debugDescription)"
        #expect(!seen.text.contains("smuggled"), comment)
        var answerText = seen.text
        while answerText.hasPrefix("HTTP/1.1 1") { answerText = answerText.dropFirst(through: "\r\n\r\n") }
        let head = Message(head: answerText.prefix(upTo: "\r\n\r\n"))
        let body = answerText.dropFirst(through: "\r\n\r\n")
        switch answer.expectation {
        case .refused:
            #expect(statuses(in: seen.text) == [502, 200], comment)
            #expect(seen.text.contains("X-Follower: yes"), comment)
        case .cut:
            #expect(statuses(in: seen.text) == [200], comment)
            #expect(!seen.text.contains("X-Follower"), comment)
            if let length = head["Content-Length"].first.flatMap(Int.init) {
                #expect(body.utf8.count < length, comment)
            } else {
                #expect(head["Transfer-Encoding"] == ["chunked"], comment)
                #expect(!body.hasSuffix("0\r\n\r\n"), comment)
            }
        case .relayed(let status, let expected, let isLast):
            #expect(statuses(in: seen.text) == (isLast ? [status] : [status, 200]), comment)
            #expect(body.hasPrefix(expected), comment)
            #expect(body.dropFirst(expected.count).isEmpty == isLast, comment)
            #expect(isLast || body.dropFirst(expected.count).hasPrefix("HTTP/1.1 200 OK\r\n"), comment)
            // RFC 9110 8.6 and RFC 9112 6.1: a client that believes them waits for what never comes.
            guard status == 204 else { return }
            #expect(head["Content-Length"].isEmpty && head["Transfer-Encoding"].isEmpty, comment)
        }
    }
}

extension String {
    /// All of it when there is no `marker`.
    fileprivate func prefix(upTo marker: String) -> String {
        String(self[..<(firstRange(of: marker)?.lowerBound ?? endIndex)])
    }

    /// Nothing when there is no `marker`.
    fileprivate func dropFirst(through marker: String) -> String {
        String(self[(firstRange(of: marker)?.upperBound ?? endIndex)...])
    }
}
