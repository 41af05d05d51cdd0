/// An error as llama-server writes one: `{"error":{"code":503,"message":"…","type":"unavailable_error"}}`.
public struct ErrorBody: Hashable, Sendable {
    /// The HTTP status.
    public let code: Int
    /// For people.
    public let message: String
    /// For programs, for example `unavailable_error`.
    public let type: String
    /// The object as a server wrote it, in one line: it may say more than the above.
    private var original: [UInt8]?

    public init(code: Int, message: String, type: String) {
        self.code = code
        self.message = message
        self.type = type
    }

    /// The body of an answer.
    public var json: [UInt8] {
        var bytes = Array(#"{"error":"#.utf8)
        appendError(to: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// An error that a server gave as its answer, for a stream that has begun.
    ///
    /// All that its object says is kept: by `n_prompt_tokens` and `n_ctx`, for example, programs decide whether to shorten
    /// a prompt.
    ///
    /// - Parameters:
    ///   - status: of that answer.
    ///   - body: of that answer; nothing is expected of it.
    public init(status: Int, body: [UInt8]) {
        let reply = try? ErrorReply(json: body)
        self.init(
            code: status,
            message: reply?.message ?? "the llama.cpp server answered with status \(status)",
            type: reply?.type ?? "upstream_error"
        )
        // One that lacks what clients look for is written anew.
        guard let reply, reply.code != nil, reply.type != nil,
            let object = JSONMember.object(of: "error", in: body.span)
        else { return }
        // Within JSON's strings there are none, and elsewhere they mean nothing.
        original = body[object].map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
    }

    /// The last event of a stream that has begun and cannot end well. Its HTTP status is long sent.
    ///
    /// llama-server sends Anthropic's clients its own error object as the event's data; they expect the one from
    /// Anthropic's documentation of streaming, so that is what they get here.
    public func inBandError(_ dialect: Dialect) -> [UInt8] {
        var bytes: [UInt8]
        switch dialect {
        case .openAI, .native:
            bytes = Array("data: ".utf8)
            bytes += json
        case .anthropic:
            bytes = Array("event: error\ndata: {\"type\":\"error\",\"error\":".utf8)
            appendError(to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "\n\n".utf8
        return bytes
    }

    private func appendError(to bytes: inout [UInt8]) {
        if let original {
            bytes += original
            return
        }
        bytes += #"{"code":"#.utf8
        bytes += String(code).utf8
        bytes += #","message":"#.utf8
        bytes.appendQuoted(message)
        bytes += #","type":"#.utf8
        bytes.appendQuoted(type)
        bytes.append(UInt8(ascii: "}"))
    }
}
