/// An error that llama-server answered.
public struct ErrorReply: Hashable, Sendable {
    /// The status once more; some versions leave it out.
    public let code: Int?
    public let message: String
    /// For example `unavailable_error`.
    public let type: String?
    /// How many tokens the prompt has for which no slot has room; nil: it is another error.
    public let tokensWithoutRoom: Int?

    /// - Throws: if the body is not an error in llama-server's form.
    public init(json: [UInt8]) throws(ReplyError) {
        let error = try ReplyError.decode(Wire.self, from: json, of: "an error").error
        self.code = error.code
        self.message = error.message
        self.type = error.type
        // tools/server/server-context.cpp: nothing of the prompt has been computed.
        tokensWithoutRoom =
            error.type == "exceed_context_size_error" ? error.promptTokens.map { max(0, $0) } ?? 0 : nil
    }

    private struct Wire: Decodable {
        let error: Content

        struct Content: Decodable {
            let code: Int?
            let message: String
            let type: String?
            let promptTokens: Int?

            enum CodingKeys: String, CodingKey {
                case code, message, type
                case promptTokens = "n_prompt_tokens"
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                code = try container.decodeIfPresent(Int.self, forKey: .code)
                message = try container.decode(String.self, forKey: .message)
                type = try container.decodeIfPresent(String.self, forKey: .type)
                // Without it the rest is worth as much.
                promptTokens = try? container.decodeIfPresent(Int.self, forKey: .promptTokens)
            }
        }
    }
}
