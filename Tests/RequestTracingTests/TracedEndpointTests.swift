import Testing

@testable import RequestTracing

@Suite("What a request asks for, as traces have it")
struct TracedEndpointTests {
    @Test(
        "what models are asked for has OpenTelemetry's names, below a prefix, too",
        arguments: [
            ("POST /v1/chat/completions", "chat m", "/v1/chat/completions"),
            ("POST /chat/completions", "chat m", "/chat/completions"),
            ("POST /llm/v1/chat/completions", "chat m", "/v1/chat/completions"),
            ("POST /v1/messages", "chat m", "/v1/messages"),
            ("POST /v1/responses", "chat m", "/v1/responses"),
            ("POST /v1/completions", "text_completion m", "/v1/completions"),
            ("POST /completion", "text_completion m", "/completion"),
            ("POST /infill", "text_completion m", "/infill"),
            ("POST /v1/embeddings", "embeddings m", "/v1/embeddings"),
            ("POST /rerank", "rerank m", "/rerank"),
            ("POST /v1/audio/transcriptions", "transcription m", "/v1/audio/transcriptions"),
        ]
    )
    func operations(text: String, name: String, route: String) {
        let endpoint = TracedEndpoint(text)
        #expect(endpoint.name(model: "m") == name && endpoint.route == route && endpoint.method == "POST")
        #expect(endpoint.name(model: nil) == String(name.dropLast(2)))
    }

    @Test(
        "anything else has a name of which there are few",
        arguments: [
            ("GET /v1/models", "GET /v1/models", "GET"), ("GET /any/thing/17", "GET", "GET"),
            ("GET /v1/chat/completions", "GET", "GET"), ("BREW /props", "HTTP /props", "_OTHER"),
            ("", "HTTP", "_OTHER"),
        ]
    )
    func others(text: String, name: String, method: String) {
        let endpoint = TracedEndpoint(text)
        #expect(endpoint.name(model: "m") == name && endpoint.method == method && endpoint.operation == nil)
    }
}
