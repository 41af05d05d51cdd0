/// What llama-server makes several tasks of, each with a slot of its own.
enum TaskKind {
    /// The answers that are asked for.
    case chat
    /// Those, for each of the prompts.
    case completion
    /// Each text.
    case embedding
    /// Each document.
    case ranking

    /// - Parameter path: of a POST, as it came, without its query.
    /// - Returns: nil where a request is one task.
    init?(path: borrowing Span<UInt8>) {
        guard path.index(of: UInt8(ascii: "%"), from: 0) == nil else {
            let decoded = ServedPath.decoding(path)
            self.init(decoded: decoded.span)
            return
        }
        self.init(decoded: path)
    }

    private init?(decoded path: borrowing Span<UInt8>) {
        if path.equals("/v1/chat/completions") || path.equals("/chat/completions") {
            self = .chat
        } else if path.equals("/completion") || path.equals("/completions") || path.equals("/v1/completions") {
            self = .completion
        } else if path.equals("/v1/embeddings") || path.equals("/embeddings") || path.equals("/embedding") {
            self = .embedding
        } else if path.equals("/rerank") || path.equals("/v1/rerank") || path.equals("/reranking")
            || path.equals("/v1/reranking")
        {
            self = .ranking
        } else {
            return nil
        }
    }
}
