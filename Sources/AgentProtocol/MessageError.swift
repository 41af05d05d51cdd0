/// Why what came over a connection is no message.
public enum MessageError: Error, Hashable {
    /// A line longer than `AgentConnection.maximumLineBytes`.
    case lineTooLong(limit: Int)
    /// An object of an older dialect, which has no lines, that is too long.
    case messageTooLong(limit: Int)
    case unreadable(String)
}

extension MessageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .lineTooLong(let limit), .messageTooLong(let limit): "a message is longer than \(limit) bytes"
        case .unreadable(let reason): "a message cannot be read: \(reason)"
        }
    }
}

extension MessageError {
    static func reason(_ error: DecodingError) -> String {
        // It may cite what came, and goes back to the sender and into the log.
        ReportLimits.shortened(sentence(error))
    }

    private static func sentence(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            context.codingPath.isEmpty ? "it is not an object" : "\(path(context.codingPath)) has another type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is not JSON" : "\(path(context.codingPath)): \(context.debugDescription)"
        @unknown default:
            "it has an unexpected form"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
