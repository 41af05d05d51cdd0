/// What a model is asked to do: `gen_ai.operation.name`. The first three words are OpenTelemetry's, which has none for the others.
enum GenAIOperation: String, CaseIterable {
    case chat
    case textCompletion = "text_completion"
    case embeddings
    case rerank
    case transcription

    /// Whether it makes nothing but numbers of its prompt.
    var onlyReads: Bool {
        switch self {
        case .embeddings, .rerank: true
        case .chat, .textCompletion, .transcription: false
        }
    }
}
