/// What an endpoint makes of a request's body before a model sees it.
public enum PromptKind: UInt8, Sendable {
    case chat = 1
    case messages
    case responses
    case completion
    case infill
    case embedding
    case ranking

    /// Whether a later request may go on where this one's prompt ends.
    var isContinued: Bool {
        switch self {
        case .chat, .messages, .responses, .completion, .infill: true
        case .embedding, .ranking: false
        }
    }

    public var work: ServerRole {
        switch self {
        case .chat, .messages, .responses, .completion, .infill: .completions
        case .embedding: .embeddings
        case .ranking: .reranking
        }
    }

    /// - Parameter path: of a POST, as it came, without its query.
    /// - Returns: nil for audio, and what needs no slot.
    public init?(path: borrowing Span<UInt8>) {
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
        } else if path.equals("/v1/messages") {
            self = .messages
        } else if path.equals("/v1/responses") || path.equals("/responses") {
            self = .responses
        } else if path.equals("/completion") || path.equals("/completions") || path.equals("/v1/completions") {
            self = .completion
        } else if path.equals("/infill") {
            self = .infill
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
