/// What a request asks for, as traces have it.
struct TracedEndpoint: Equatable {
    /// One that HTTP knows, or `_OTHER`.
    let method: String
    /// nil: HTTP knows it.
    let unknownMethod: String?
    /// Without the query.
    let path: String
    /// The path, if it is one of few; nil: it can be anything.
    let route: String?
    let operation: GenAIOperation?

    /// - Parameter endpoint: the method, a space and the path, as ``RequestRecord`` has it.
    init(_ endpoint: String) {
        let parts = endpoint.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let given = String(parts.first ?? "")
        let isKnown = Self.methods.contains(given)
        method = isKnown ? given : "_OTHER"
        unknownMethod = isKnown ? nil : given
        path = parts.count > 1 ? String(parts[1]) : ""
        if given == "POST", let (route, operation) = Self.operation(at: path) {
            (self.route, self.operation) = (route, operation)
        } else {
            route = Self.others.contains(path) ? path : nil
            operation = nil
        }
    }

    /// The name of the request's span, of which there are to be few, but for what models are called.
    func name(model: String?) -> String {
        if let operation { return model.map { "\(operation.rawValue) \($0)" } ?? operation.rawValue }
        let method = unknownMethod == nil ? method : "HTTP"
        return route.map { "\(method) \($0)" } ?? method
    }

    /// A server may be reached below a prefix.
    private static func operation(at path: String) -> (String, GenAIOperation)? {
        operations.first { path.hasSuffix($0.0) }
    }

    /// The longest first: some are the end of others.
    private static let operations: [(String, GenAIOperation)] = [
        ("/v1/chat/completions", .chat), ("/chat/completions", .chat), ("/v1/messages", .chat),
        ("/v1/responses", .chat), ("/responses", .chat),
        ("/v1/completions", .textCompletion), ("/completions", .textCompletion), ("/completion", .textCompletion),
        ("/infill", .textCompletion), ("/v1/embeddings", .embeddings), ("/embeddings", .embeddings),
        ("/embedding", .embeddings), ("/v1/rerank", .rerank), ("/rerank", .rerank), ("/v1/reranking", .rerank),
        ("/reranking", .rerank), ("/v1/audio/transcriptions", .transcription),
        ("/audio/transcriptions", .transcription),
    ]

    private static let others: Set<String> = [
        "/", "/health", "/v1/health", "/models", "/v1/models", "/api/tags", "/metrics", "/props", "/slots", "/tokenize",
        "/detokenize", "/apply-template", "/lora-adapters", "/v1/messages/count_tokens",
    ]

    /// RFC 9110 9.3, and RFC 5789.
    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ]
}
