/// An error that llama-server answered.
public struct ErrorReply: Hashable, Sendable {
    /// The status once more; some versions leave it out.
    public let code: Int?
    public let message: String
    /// For example `unavailable_error`.
    public let type: String?

    /// - Throws: if the body is not an error in llama-server's form.
    public init(json: [UInt8]) throws(ReplyError) {
        let error = try ReplyError.decode(Wire.self, from: json, of: "an error").error
        self.code = error.code
        self.message = error.message
        self.type = error.type
    }

    private struct Wire: Decodable {
        let error: Content

        struct Content: Decodable {
            let code: Int?
            let message: String
            let type: String?
        }
    }
}
