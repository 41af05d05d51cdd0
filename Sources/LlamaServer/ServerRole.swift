/// What a llama-server was started for.
public enum ServerRole: String, Hashable, Codable, Sendable, CaseIterable {
    case completions
    /// With `--embeddings`. It answers requests for completions too, mostly with nonsense.
    case embeddings
    /// With `--reranking`. It answers requests for embeddings too, with scores.
    case reranking
}
