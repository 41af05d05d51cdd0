import HTTPExchange
import Testing

@testable import InstanceMetadata

struct EC2ConversationTests {
    private func reply(_ status: Int, _ body: String = "") -> HTTPAnswer {
        .reply(status: status, body: Array(body.utf8))
    }

    private func conversation(allowsVersion1: Bool = true) -> EC2Conversation {
        var conversation = EC2Conversation(allowsVersion1: allowsVersion1)
        _ = conversation.start()
        return conversation
    }

    @Test("a token comes first, and goes with the question")
    func token() {
        var conversation = EC2Conversation(allowsVersion1: true)
        #expect(conversation.start() == .requestToken)
        #expect(conversation.tokenAnswered(reply(200, "secret")) == .requestValue(token: "secret"))
        #expect(conversation.valueAnswered(reply(200, "10.0.0.1\n")) == .finished("10.0.0.1"))
    }

    @Test("who knows no tokens is asked without", arguments: [403, 404, 405])
    func version1(status: Int) {
        var conversation = conversation()
        #expect(conversation.tokenAnswered(reply(status)) == .requestValue(token: nil))
    }

    @Test(
        "who doesn't answer the question for a token is asked without",
        arguments: [.timedOut, .failed("refused")] as [HTTPAnswer.NoAnswer]
    )
    func tokenUnanswered(reason: HTTPAnswer.NoAnswer) {
        var conversation = conversation()
        #expect(conversation.tokenAnswered(.none(reason)) == .requestValue(token: nil))
    }

    @Test("nobody is asked without a token where that is forbidden")
    func version1Forbidden() {
        var first = conversation(allowsVersion1: false)
        #expect(first.tokenAnswered(reply(404)) == .failed(.noToken))
        var second = conversation(allowsVersion1: false)
        #expect(second.tokenAnswered(.none(.timedOut)) == .failed(.noAnswer("no answer in time")))
    }

    @Test("a refused question for a token is the end", arguments: [400, 401, 429])
    func tokenRefused(status: Int) {
        var conversation = conversation()
        #expect(conversation.tokenAnswered(reply(status)) == .failed(.status(status)))
    }

    @Test("a server's failure is tried again, three times in all")
    func retries() {
        var conversation = conversation()
        #expect(conversation.tokenAnswered(reply(500)) == .requestToken)
        #expect(conversation.tokenAnswered(reply(503)) == .requestToken)
        #expect(conversation.tokenAnswered(reply(200, "t")) == .requestValue(token: "t"))
        #expect(conversation.valueAnswered(reply(500)) == .requestValue(token: "t"))
        #expect(conversation.valueAnswered(.none(.timedOut)) == .requestValue(token: "t"))
        #expect(conversation.valueAnswered(reply(502)) == .failed(.status(502)))

        var other = self.conversation()
        _ = other.tokenAnswered(reply(500))
        _ = other.tokenAnswered(reply(500))
        #expect(other.tokenAnswered(reply(500)) == .failed(.status(500)))
    }

    @Test("an old token is replaced, and a demand for one that can't be met is told")
    func tokenDemanded() {
        var conversation = conversation()
        _ = conversation.tokenAnswered(reply(200, "old"))
        #expect(conversation.valueAnswered(reply(401)) == .requestToken)
        #expect(conversation.tokenAnswered(reply(200, "new")) == .requestValue(token: "new"))

        var other = self.conversation()
        _ = other.tokenAnswered(reply(403))
        #expect(other.valueAnswered(reply(401)) == .failed(.tokenDemanded))
    }

    @Test("a token that didn't come in time is asked for again when one is demanded, three times in all")
    func lateToken() {
        var conversation = conversation()
        #expect(conversation.tokenAnswered(.none(.timedOut)) == .requestValue(token: nil))
        #expect(conversation.valueAnswered(reply(401)) == .requestToken)
        #expect(conversation.tokenAnswered(reply(200, "late")) == .requestValue(token: "late"))

        var other = self.conversation()
        for _ in 1...2 {
            _ = other.tokenAnswered(.none(.timedOut))
            #expect(other.valueAnswered(reply(401)) == .requestToken)
        }
        _ = other.tokenAnswered(.none(.timedOut))
        #expect(other.valueAnswered(reply(401)) == .failed(.tokenDemanded))
    }

    @Test("it ends, whatever is answered", arguments: [200, 401, 403, 500])
    func ends(status: Int) {
        var conversation = EC2Conversation(allowsVersion1: true)
        var step = conversation.start()
        var count = 0
        while count < 20 {
            switch step {
            case .requestToken: step = conversation.tokenAnswered(reply(status == 401 ? 200 : status, "t"))
            case .requestValue: step = conversation.valueAnswered(reply(status, "t"))
            case .finished, .failed: return
            }
            count += 1
        }
        Issue.record("still asking after \(count) questions")
    }

    @Test("no word is no answer", arguments: ["", "two words", "\u{7}", "a\nb", String(repeating: "x", count: 1025)])
    func garbled(body: String) {
        var first = conversation()
        #expect(first.tokenAnswered(reply(200, body)) == .failed(.garbled))
        var second = conversation()
        _ = second.tokenAnswered(reply(200, "t"))
        #expect(second.valueAnswered(reply(200, body)) == .failed(.garbled))
    }

    @Test("what the machine has not is told so")
    func unknownPath() {
        var conversation = conversation()
        _ = conversation.tokenAnswered(reply(200, "t"))
        #expect(conversation.valueAnswered(reply(404)) == .failed(.unknownPath))
    }
}
