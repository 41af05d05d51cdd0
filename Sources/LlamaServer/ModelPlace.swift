/// Where a body names its model, and how another name is written there.
public enum ModelPlace: Equatable, Sendable {
    /// The value of a member, its quotes included.
    case json(Range<Int>)
    /// What a form's field says.
    case form(Range<Int>)

    /// In the body.
    public var range: Range<Int> {
        switch self {
        case .json(let range), .form(let range): range
        }
    }

    /// - Parameter name: without control characters; a form has no way to write them.
    /// - Returns: what stands in this place where the model goes by that name.
    public func text(of name: String) -> [UInt8] {
        switch self {
        case .json: Self.literal(name)
        case .form: Array(name.utf8)
        }
    }

    /// RFC 8259 7: the quote, the backslash and control characters must be escaped.
    private static func literal(_ name: String) -> [UInt8] {
        var literal = [UInt8(ascii: "\"")]
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                literal += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                literal += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
            default:
                literal.append(byte)
            }
        }
        return literal + [UInt8(ascii: "\"")]
    }
}
