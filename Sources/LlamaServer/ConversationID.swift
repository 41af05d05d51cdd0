/// By what a llama-server finds an answer again that goes on without its client: `X-Conversation-Id` of the request, and
/// `conv_id` in the query of `/v1/stream`.
public enum ConversationID {
    /// In bytes; clients send UUIDs, some with a model's name behind them.
    public static let longest = 256

    /// The id that a request for such an answer names, in its query or, as older builds have it, in its path.
    ///
    /// - Parameters:
    ///   - path: as it came, without its query.
    ///   - query: behind the path, with its question mark.
    /// - Returns: nil if there is none, or a longer one than any.
    public static func named(path: borrowing Span<UInt8>, query: borrowing Span<UInt8>) -> [UInt8]? {
        if let value = Endpoint.value(of: "conv_id=", inQuery: query) {
            // In a query, and nowhere else, a plus is a space.
            let spaced = value.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
            return checked(ServedPath.decoding(spaced.span))
        }
        let decoded = ServedPath.decoding(path)
        let prefix = Array("/v1/stream/".utf8)
        guard decoded.starts(with: prefix) else { return nil }
        return checked(Array(decoded.dropFirst(prefix.count)))
    }

    private static func checked(_ id: [UInt8]) -> [UInt8]? {
        id.isEmpty || id.count > longest ? nil : id
    }
}
