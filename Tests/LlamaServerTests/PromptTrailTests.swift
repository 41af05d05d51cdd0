import LlamaServer
import Testing

@Suite("The beginnings of prompts")
struct PromptTrailTests {
    private static let system = String(repeating: "You are a careful assistant. ", count: 40)
    private static let question = String(repeating: "What is the right server? ", count: 40)

    private func trail(_ json: String, kind: PromptKind = .chat, seed: UInt64 = 7) -> PromptTrail? {
        let body = Array(json.utf8)
        var scan = RequestBodyScan()
        scan.read(body.span)
        return PromptTrail(body.span, scan, kind: kind, seed: seed)
    }

    private func chat(_ messages: String, others: String = "") -> String {
        #"{\#(others)"messages":[{"role":"system","content":"\#(Self.system)"},\#(messages)]}"#
    }

    private func user(_ text: String) -> String { #"{"role":"user","content":"\#(text)"}"# }

    @Test("a conversation's next turn begins with all that the turn before had")
    func continued() throws {
        let first = try #require(trail(chat(user(Self.question))))
        let next = try #require(
            trail(chat(user(Self.question) + #","# + user("An answer.") + #","# + user(Self.question)))
        )
        #expect(first.hashes.count > 2)
        #expect(next.hashes.count > first.hashes.count)
        #expect(Array(next.hashes.prefix(first.hashes.count)) == first.hashes)
        #expect(first.bytes >= Self.system.utf8.count + Self.question.utf8.count)
    }

    @Test("a prompt that goes on in the same string begins alike")
    func longerString() throws {
        let short = try #require(trail(#"{"prompt":"\#(Self.system)"}"#, kind: .completion))
        let long = try #require(trail(#"{"prompt":"\#(Self.system)\#(Self.question)"}"#, kind: .completion))
        #expect(Array(long.hashes.prefix(short.hashes.count)) == short.hashes)
    }

    @Test(
        "the same prompt, said otherwise",
        arguments: [
            #"{"messages":[{"role":"system","content":[{"type":"text","text":"SYSTEM"}]},{"role":"user","content":"QUESTION"}],"temperature":0.5}"#,
            #"{ "stream" : true , "messages" : [ { "role" : "system" , "content" : "SYSTEM" } , { "role" : "user" , "content" : "QUESTION" } ] }"#,
            #"{"messages":[{"role":"system","content":[{"type":"text","text":"SYSTEM","cache_control":{"type":"ephemeral","x":[1,"}"]}}]},{"role":"user","id":"7","content":"QUESTION"}]}"#,
            #"{"messages":[],"user":"me","m\u0065ssages":[{"role":"system","content":"SYSTEM"},{"role":"user","content":"QUESTION"}]}"#,
            #"{"messages":[{"role":"system","content":[{"text":"x-anthropic-billing-header: cc=7"},{"text":"SYSTEM"}]},{"role":"user","content":"QUESTION"}]}"#,
        ]
    )
    func alike(json: String) throws {
        let json = json.replacing("SYSTEM", with: Self.system).replacing("QUESTION", with: Self.question)
        #expect(trail(json) == trail(chat(user(Self.question))))
    }

    @Test("tools stand in front of the messages, wherever the body has them")
    func order() throws {
        let tools = #""tools":[{"type":"function","function":{"name":"search","parameters":{"a":1}}}]"#
        let messages = #""messages":[{"role":"user","content":"\#(Self.question)"}]"#
        let first = try #require(trail("{\(tools),\(messages)}"))
        #expect(trail("{\(messages),\(tools)}") == first)
        #expect(trail("{\(messages)}")?.hashes.first != first.hashes.first)
    }

    @Test(
        "another prompt",
        arguments: [
            #"{"model":"b","messages":[{"role":"system","content":"SYSTEM"}]}"#,
            #"{"messages":[{"role":"system","content":"!SYSTEM"}]}"#,
            #"{"messages":[{"role":"user","content":"SYSTEM"}]}"#,
            #"{"tools":[{"name":"search"}],"messages":[{"role":"system","content":"SYSTEM"}]}"#,
        ]
    )
    func different(json: String) throws {
        let other = try #require(trail(json.replacing("SYSTEM", with: Self.system)))
        #expect(other.hashes.first != trail(chat(user("?")))?.hashes.first)
    }

    @Test("the seed and the endpoint make other hashes")
    func seeds() {
        let body = chat(user(Self.question))
        #expect(trail(body, seed: 8)?.hashes.first != trail(body)?.hashes.first)
        #expect(trail(body, kind: .messages)?.hashes.first != trail(body)?.hashes.first)
    }

    @Test(
        "none",
        arguments: [
            "", "[]", "{", #"{"messages":[{"role":"user","content":"Hello."}]}"#, #"{"prompt":["LONG","LONG"]}"#,
            #"{"prompt":["LONG"]}"#, #"{"text":"LONG"}"#, #"{"prompt":"LONG"#,
        ]
    )
    func none(json: String) {
        #expect(trail(json.replacing("LONG", with: Self.system), kind: .completion) == nil)
    }

    @Test(
        "what stands behind 2 MiB in which nothing is said isn't read",
        arguments: [#""","#, "[],", "     "]
    )
    func fillers(word: String) {
        let filler = String(repeating: word, count: 1_100_000)
        #expect(trail(#"{"messages":[\#(filler)"\#(Self.system)"]}"#) == nil)
        #expect(trail(#"{"messages":["\#(Self.system)",\#(filler)0]}"#) != nil)
    }

    @Test("a prompt of tokens has one, too")
    func tokens() {
        let tokens = (0..<500).map { "\($0)" }.joined(separator: ",")
        #expect(trail(#"{"prompt":[\#(tokens)]}"#, kind: .completion) != nil)
    }

    @Test("nothing beyond the first MiB counts, and hashes stay few")
    func longest() throws {
        let text = String(repeating: "0123456789abcdef", count: 200_000)
        let longest = try #require(trail(#"{"prompt":"\#(text)"}"#, kind: .completion))
        #expect(longest.hashes.count == PromptTrail.mostHashes)
        #expect(PromptTrail.mostHashes < 70)
    }

    @Test(
        "a session is what its head says, or one of three members of its body",
        arguments: [
            (#"{"prompt_cache_key":"a","user":"b"}"#, "a"),
            (#"{"user": "a","safety_identifier":""}"#, "a"),
            (#"{"safety_identifier":"a","user":"b"}"#, "a"),
            (#"{"user":7}"#, nil),
            (#"{"messages":[{"user":"a"}]}"#, nil),
        ]
    )
    func session(json: String, name: String?) {
        let body = Array(json.utf8)
        var scan = RequestBodyScan()
        scan.read(body.span)
        let found = scan.session(body.span, seed: 7)
        #expect(found == name.flatMap(key))
    }

    private func key(_ name: String) -> SessionKey? {
        let bytes = Array(name.utf8)
        return SessionKey(bytes.span, seed: 7)
    }

    @Test("a session's next request begins as the one before, of the same model")
    func sessionTrail() throws {
        let session = try #require(key("a"))
        let other = try #require(key("b"))
        let first = PromptTrail(session, model: "m", bodyBytes: 3000)
        let next = PromptTrail(session, model: "m", bodyBytes: 9000)
        #expect(first.bytes == 3000)
        #expect(next.hashes.count > first.hashes.count)
        #expect(Array(next.hashes.prefix(first.hashes.count)) == first.hashes)
        #expect(PromptTrail(session, model: "m", bodyBytes: 20).hashes == Array(first.hashes.prefix(1)))
        #expect(Set(first.hashes).isDisjoint(with: PromptTrail(other, model: "m", bodyBytes: 3000).hashes))
        #expect(Set(first.hashes).isDisjoint(with: PromptTrail(session, model: "n", bodyBytes: 3000).hashes))
    }
}
