/// How an endpoint speaks, which decides how an error looks within a stream that has begun.
public enum Dialect: Hashable, Sendable, CaseIterable {
    /// OpenAI's endpoints.
    case openAI
    /// Anthropic's `/v1/messages`.
    case anthropic
    /// llama-server's own: `/completion`, `/infill`, `/embedding`, reranking.
    case native
}
