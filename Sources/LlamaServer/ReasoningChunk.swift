/// A piece of a streamed chat completion that says something in the place of a model's thoughts, as llama-server writes these:
/// `{"choices":[{"delta":{"reasoning_content":"…"},"finish_reason":null,"index":0}],…}`.
///
/// It names no role: OpenAI's own clients put the texts of all pieces together, and the model's first piece says it.
public struct ReasoningChunk: Sendable {
    /// Of all pieces of one answer.
    public let id: String
    /// In seconds since 1970.
    public let created: Int64
    /// As the request names it.
    public let model: String
    public let text: String

    public init(id: String, created: Int64, model: String, text: String) {
        self.id = id
        self.created = created
        self.model = model
        self.text = text
    }

    /// As an event of a stream.
    public var event: [UInt8] {
        var bytes = Array(#"data: {"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"#.utf8)
        bytes.appendQuoted(text)
        bytes += #"}}],"created":\#(created),"id":"#.utf8
        bytes.appendQuoted(id)
        bytes += #","model":"#.utf8
        bytes.appendQuoted(model)
        bytes += #","object":"chat.completion.chunk"}"#.utf8
        bytes += "\n\n".utf8
        return bytes
    }
}
