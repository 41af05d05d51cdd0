import LlamaServer
import Testing

@Suite("How many slots a request takes")
struct SlotCountTests {
    private func count(_ path: String, _ json: String, cutAt: Int? = nil) -> SlotCount {
        let body = Array(json.utf8)
        var scan = RequestBodyScan()
        let cut = min(cutAt ?? body.count, body.count)
        scan.read(body.span.extracting(..<cut))
        scan.read(body.span.extracting(cut...))
        let path = Array(path.utf8)
        guard scan.mayTakeSeveral(body.span), let kind = PromptKind(path: path.span) else { return .one }
        return scan.slots(body.span, kind: kind)
    }

    private func slots(_ path: String, _ json: String, cutAt: Int? = nil) -> Int {
        count(path, json, cutAt: cutAt).slots
    }

    @Test("answers to one prompt are given together, lists one after the other")
    func answers() {
        #expect(count("/v1/completions", #"{"n":3,"prompt":["a","b"]}"#) == SlotCount(slots: 6, answers: 3))
        #expect(count("/v1/embeddings", #"{"n":3,"input":["a","b"]}"#) == SlotCount(slots: 2, answers: 1))
    }

    @Test(
        "as many as llama-server makes tasks of it",
        arguments: [
            ("/v1/chat/completions", #"{"messages":[]}"#, 1),
            ("/v1/chat/completions", #"{"n": 3,"messages":[{"role":"user","n":9}]}"#, 3),
            ("/v1/chat/completions", #"{"n":2,"n_cmpl":4,"messages":[]}"#, 4),
            ("/v1/chat/completions", #"{"n":2,"n":5}"#, 5),
            ("/v1/chat/completions", #"{"\u006e":3}"#, 3),
            ("/v1/chat/completions", #"{"n":0}"#, 1),
            ("/v1/chat/completions", #"{"n":-4}"#, 1),
            ("/v1/chat/completions", #"{"n":"4"}"#, 1),
            ("/v1/chat/completions", #"{"n":99999999999999999999999}"#, 256),
            ("/v1/chat/completions", #"{"prompt":["a","b"]}"#, 1),
            ("/completion", #"{"prompt":"one"}"#, 1),
            ("/completion", #"{"prompt":["a","b, c","d\"e"]}"#, 3),
            ("/completion", #"{"prompt":[1,2,3]}"#, 1),
            ("/completion", #"{"prompt":["a",2,3]}"#, 1),
            ("/completion", #"{"prompt":[[1,2],[3]]}"#, 2),
            ("/completion", #"{"prompt":[]}"#, 1),
            ("/completion", #"{"prompt":[{"prompt_string":"a","multimodal_data":["x","y"]}, "b"]}"#, 2),
            ("/v1/completions", #"{"n":2,"prompt":["a","b"]}"#, 4),
            ("/v1/completions", #"{"n":200,"prompt":["a","b"]}"#, 256),
            ("/%63ompletion", #"{"prompt":["a","b"]}"#, 2),
            ("/v1/embeddings", #"{"input":["a","b","c","d"]}"#, 4),
            ("/v1/embeddings", #"{"input":[7,8]}"#, 1),
            ("/embedding", #"{"content":["a","b"]}"#, 2),
            ("/v1/rerank", #"{"query":"q","documents":["a","b","c"]}"#, 3),
            ("/reranking", #"{"query":"q","texts":["a","b"]}"#, 2),
            ("/v1/responses", #"{"input":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#, 1),
            ("/v1/messages", #"{"n":3,"messages":[]}"#, 1),
            ("/infill", #"{"prompt":["a","b"]}"#, 1),
        ]
    )
    func counts(path: String, json: String, expected: Int) {
        for cut in 0...json.utf8.count { #expect(slots(path, json, cutAt: cut) == expected) }
    }

    @Test("what isn't JSON takes one", arguments: ["", "{", #"{"n":3"#, #"{"prompt":["a","b""#, "n=3", "[3]"])
    func nonsense(json: String) {
        #expect(slots("/completion", json) == 1)
    }

    @Test("of a list without end no more is read than matters")
    func manyItems() {
        let items = repeatElement(#""x""#, count: 100_000).joined(separator: ",")
        #expect(slots("/completion", #"{"prompt":[\#(items)]}"#) == 256)
    }
}
