#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An answer of llama-server that is not what it should be.
public struct ReplyError: Error, Hashable, CustomStringConvertible {
    /// Whose answer, and what is wrong with it.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    /// - Parameter subject: what the answer should have been, for the error.
    static func decode<Reply: Decodable>(
        _ type: Reply.Type,
        from json: [UInt8],
        of subject: String
    ) throws(ReplyError) -> Reply {
        do {
            return try JSONDecoder().decode(type, from: Data(json))
        } catch let error as DecodingError {
            throw ReplyError("\(subject) that cannot be read: \(reason(error))")
        } catch {
            throw ReplyError("\(subject) that cannot be read")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\(path(context.codingPath))\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(path(context.codingPath))unexpected type"
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            "it is not JSON"
        case .dataCorrupted(let context):
            "\(path(context.codingPath))\(context.debugDescription)"
        @unknown default:
            "it has an unexpected form"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "" : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") + ": "
    }
}
