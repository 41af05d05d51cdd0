/// The answer to `POST /v1/chat/completions/control`.
public struct ControlReply: Hashable, Sendable {
    /// Whether the completion runs there, and has been told. A server that doesn't run it says so with status 200, too.
    public let succeeded: Bool

    public init(json: [UInt8]) throws(ReplyError) {
        succeeded = try ReplyError.decode(Wire.self, from: json, of: "an answer to a control").success
    }

    private struct Wire: Decodable {
        let success: Bool
    }
}
