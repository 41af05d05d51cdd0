import LlamaServer
import Testing

@Suite("Answers that go on without their clients")
struct ConversationTests {
    @Test(
        "a conversation's id is found where llama-server looks for it",
        arguments: [
            ("/v1/stream", "?conv_id=a-1&from=0", "a-1"), ("/v1/stream", "?from=0&conv_id=a%20b", "a b"),
            ("/v1/stream", "?conv_id=a+b%2B", "a b+"), ("/v1/stream", "?conv_id=&conv_id=b", "b"),
            ("/v1/stream/a%3A1", "", "a:1"), ("/v1/stream/a", "?conv_id=b", "b"),
            ("/v1/stream", "", nil), ("/v1/stream", "?conv_id=", nil), ("/v1/stream/", "?from=0", nil),
            ("/v1/streams", "?x_conv_id=a", nil),
        ]
    )
    func ids(path: String, query: String, expected: String?) {
        let found = ConversationID.named(path: Array(path.utf8).span, query: Array(query.utf8).span)
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test("an id that is longer than any is none", arguments: [256, 257])
    func length(length: Int) {
        let query = "?conv_id=" + String(repeating: "a", count: length)
        let found = ConversationID.named(path: Array("/v1/stream".utf8).span, query: Array(query.utf8).span)
        #expect(found?.count == (length == 256 ? 256 : nil))
    }

    private static func entry(_ conversation: String, startedAt: Int) -> String {
        #"{"conversation_id":"\#(conversation)","is_done":true,"total_bytes":2091,"started_at":\#(startedAt)}"#
    }

    @Test("lists of several servers become one, and of two answers of a conversation the last that began counts")
    func sum() {
        let (a, b, newer) = (
            Self.entry("a", startedAt: 1), Self.entry("b", startedAt: 2), Self.entry("a", startedAt: 3)
        )
        for lists in [[[a, b], [newer]], [[newer], [a, b]]] {
            var sum = StreamsSum()
            for (server, list) in lists.enumerated() {
                sum.add(Array("[\(list.joined(separator: ", "))]".utf8), of: server)
            }
            let first = lists[0].count == 2
            #expect(String(decoding: sum.json, as: UTF8.self) == "[\(newer),\(b)]")
            #expect(sum.holders.map(\.conversation) == ["a", "b"])
            #expect(sum.holders.map(\.server) == (first ? [1, 0] : [0, 1]))
        }
    }

    @Test(
        "what is no list, or no entry, adds nothing",
        arguments: ["", "[]", "{}", #"{"conversation_id":"a"}"#, "[1,{}]", "[", "]", #"[{"conversation_id":1}]"#]
    )
    func nothing(text: String) {
        var sum = StreamsSum()
        sum.add(Array(text.utf8), of: 0)
        #expect(sum.holders.isEmpty)
        #expect(sum.json == Array("[]".utf8))
    }

    @Test("one conversation is asked for, whatever its id is made of")
    func question() {
        let question = String(decoding: StreamsSum.question(Array(#"a"b"#.utf8)), as: UTF8.self)
        #expect(question == #"{"conversation_ids":["a\"b"]}"#)
    }

    @Test("a server that doesn't run a completion says so with status 200")
    func control() throws {
        #expect(try ControlReply(json: Array(#"{"success":true}"#.utf8)).succeeded)
        #expect(try !ControlReply(json: Array(#"{"success":false,"message":"no"}"#.utf8)).succeeded)
        #expect(throws: ReplyError.self) { try ControlReply(json: Array("[]".utf8)) }
    }
}
