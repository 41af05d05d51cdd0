/// What llama-server wants in front of each path: its `--api-prefix`.
public struct PathPrefix: Hashable, Sendable {
    /// `/` and more, without a slash at the end.
    public let text: String

    private static let longest = 256

    /// - Parameter text: as a person or a peer wrote it; a slash at the end makes no difference.
    public init?(_ text: String) {
        let text = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard text.hasPrefix("/"), text.utf8.count > 1, text.utf8.count <= Self.longest,
            text.utf8.allSatisfy(Self.isPathByte), !text.contains("//")
        else { return nil }
        self.text = text
    }

    /// RFC 3986 3.3, without what is written by `%`, which llama-server would compare decoded.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }
}

extension PathPrefix: CustomStringConvertible, Codable {
    public var description: String { text }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let prefix = PathPrefix(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "it is not the beginning of a path")
        }
        self = prefix
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
