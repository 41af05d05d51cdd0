/// The versions that are spoken here. Any other is refused with 505.
public enum HTTPVersion: Sendable {
    case http10, http11

    /// RFC 9112 2.3: the name is case-sensitive, and there is one digit on each side of the dot.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(FramingError) {
        guard range.count == 8, bytes.equals(range.lowerBound..<range.lowerBound &+ 5, "HTTP/") else {
            throw .malformedVersion
        }
        let major = bytes[range.lowerBound &+ 5]
        let minor = bytes[range.lowerBound &+ 7]
        guard major.isDigit, minor.isDigit, bytes[range.lowerBound &+ 6] == UInt8(ascii: ".") else {
            throw .malformedVersion
        }
        switch (major, minor) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): self = .http11
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): self = .http10
        default: throw .unsupportedVersion
        }
    }
}
