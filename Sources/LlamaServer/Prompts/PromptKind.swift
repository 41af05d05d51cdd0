/// What an endpoint makes of a request's body before a model sees it.
public enum PromptKind: UInt8, Sendable {
    case chat = 1
    case messages
    case responses
    case completion
    case infill

    /// - Parameter path: of a POST, as it came, without its query.
    /// - Returns: nil where no prompt is continued later: embeddings, ranking, audio.
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
        } else {
            return nil
        }
    }
}
