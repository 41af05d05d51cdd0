import LlamaServer
import Testing

@Suite("Endpoints")
struct EndpointTests {
    static let slotPaths: [(String, Dialect)] = [
        ("/completion", .native), ("/completions", .native), ("/infill", .native),
        ("/embedding", .native), ("/embeddings", .native),
        ("/rerank", .native), ("/reranking", .native), ("/v1/rerank", .native), ("/v1/reranking", .native),
        ("/v1/systemone", .native),
        ("/v1/completions", .openAI), ("/chat/completions", .openAI), ("/v1/chat/completions", .openAI),
        ("/responses", .openAI), ("/v1/responses", .openAI), ("/v1/embeddings", .openAI),
        ("/audio/transcriptions", .openAI), ("/v1/audio/transcriptions", .openAI),
        ("/v1/messages", .anthropic),
    ]

    @Test("what llama-server runs in a slot occupies one", arguments: slotPaths)
    func slot(path: String, dialect: Dialect) {
        #expect(classify("POST", path) == .slot(dialect))
    }

    @Test("nothing but POST occupies a slot", arguments: slotPaths)
    func otherMethods(path: String, dialect: Dialect) {
        #expect(classify("GET", path) == .free)
    }

    @Test("a path is occupying however it is spelled, if llama-server understands the spelling", arguments: slotPaths)
    func spellings(path: String, dialect: Dialect) {
        let bytes = Array(path.utf8)
        for index in bytes.indices {
            let hexadecimal = String(bytes[index], radix: 16)
            for escape in ["%\(hexadecimal)", "%\(hexadecimal.uppercased())", "%u00\(hexadecimal)"] {
                let spelling = Array(bytes[..<index]) + Array(escape.utf8) + Array(bytes[(index + 1)...])
                #expect(Endpoint.classify(isPost: true, path: spelling.span) == .slot(dialect))
            }
        }
        let all = bytes.map { "%" + String($0, radix: 16) }.joined()
        #expect(classify("POST", all) == .slot(dialect))
        #expect(classify("POST", path + "#fragment") == .slot(dialect))
        #expect(classify("POST", all + "#") == .slot(dialect))
    }

    @Test(
        "what llama-server takes for another path is another path",
        arguments: [
            "/v1/chat/completions/", "//v1/chat/completions", "/v1//chat/completions", "/V1/chat/completions",
            "/v1/chat/../chat/completions", "/v1/chat/completions%00", "/v1/chat/completions%20",
            "/v1/%2563hat/completions", "/v1/%6hat/completions", "/v1/chat/completions%", "/v1/chat/completions%3F",
            "/v1/chat/completions%23", "/v1/%u00chat/completions", "/v1/chat/completions%u",
            "v1/chat/completions", "/v1/chat/completion", "/v1/messages/count_tokens",
            "/v1/chat/completions/input_tokens", "/v1/responses/input_tokens", "/tokenize", "/detokenize",
            "/apply-template", "/v1/models", "/", "", "*", "%", "/v1/%ud800hat/completions",
        ]
    )
    func otherPaths(path: String) {
        #expect(classify("POST", path) == .free)
    }

    @Test(
        "what one server holds belongs to that server",
        arguments: [
            ("POST", "/slots/0", EndpointKind.singleServer), ("POST", "/slots/%30", .singleServer),
            ("POST", "/%73lots/0", .singleServer), ("POST", "/props", .singleServer),
            ("POST", "/models/load", .residency(isLoad: true)), ("POST", "/models/unload", .residency(isLoad: false)),
            ("POST", "/lora-adapters", .adapters), ("GET", "/lora-adapters", .described),
            ("GET", "/slots", .described), ("GET", "/slot%73", .described), ("GET", "/props", .properties),
            ("POST", "/v1/chat/completions/control", .control), ("POST", "/v1/streams/lookup", .streams),
            ("GET", "/v1/stream", .stream), ("DELETE", "/v1/stream/abc", .stream), ("POST", "/v1/stream", .stream),
        ]
    )
    func owned(method: String, path: String, kind: EndpointKind) {
        #expect(classify(method, path) == kind)
    }

    @Test(
        "health, the slots' list and what any server can answer are told apart",
        arguments: [
            ("GET", "/health", EndpointKind.health), ("HEAD", "/health", .health), ("GET", "/%68ealth", .health),
            ("GET", "/v1/health", .health), ("POST", "/health", .health),
            ("POST", "/slots", .free), ("GET", "/slots/0", .free),
            ("GET", "/metrics", .metrics),
            ("GET", "/%6detrics", .metrics), ("POST", "/metrics", .free),
            ("GET", "/", .free), ("OPTIONS", "/v1/chat/completions", .free),
        ]
    )
    func others(method: String, path: String, kind: EndpointKind) {
        #expect(classify(method, path) == kind)
    }

    @Test("no bytes whatsoever are too much")
    func anyBytes() {
        var state: UInt64 = 1
        for length in 0..<64 {
            let path = (0..<length).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let byte = UInt8(truncatingIfNeeded: state >> 33)
                return byte.isMultiple(of: 3) ? UInt8(ascii: "%") : byte
            }
            #expect(Endpoint.classify(isPost: true, path: path.span) == .free)
        }
    }

    private func classify(_ method: String, _ path: String) -> EndpointKind {
        Endpoint.classify(isPost: method == "POST", path: Array(path.utf8).span)
    }
}
