/// What the body of a request says at its top level of what concerns a balancer: read once, piece by piece, as it comes in.
///
/// Strings, of which a long prompt consists, are skipped at the speed of memory. What isn't JSON gets any answer.
public struct RequestBodyScan: Sendable {
    private enum Place {
        /// Before the object.
        case start
        case betweenTokens
        case string(isEscaped: Bool)
        /// In a name at the top level.
        case name(NameMatch)
        /// Behind the name that is looked for.
        case colon
        /// Behind its colon; so many characters were those of `true`.
        case value(matched: Int)
        /// Behind the object, or in what is none.
        case end
    }

    private var place = Place.start
    private var depth = 0
    /// Whether a string would be a name at the top level.
    private var expectsName = false
    private var isTrue = false

    public init() {}

    /// Whether the body is a JSON object with `"stream": true` at its top level; as with llama-server, of several the last
    /// one counts. False as long as the object hasn't ended.
    public var asksForStream: Bool { isComplete && isTrue }

    /// Whether nothing that follows matters any more.
    public var isComplete: Bool {
        if case .end = place { true } else { false }
    }

    /// - Parameter bytes: what follows the bytes that were read before.
    public mutating func read(_ bytes: borrowing Span<UInt8>) {
        var offset = 0
        while offset < bytes.count {
            switch place {
            case .start:
                begin(with: bytes[offset])
                offset += 1
            case .betweenTokens:
                offset = readTokens(bytes, from: offset)
            case .string(let isEscaped):
                offset = readString(bytes, from: offset, isEscaped)
            case .name(var match):
                place =
                    switch match.take(bytes[offset]) {
                    case .undecided: .name(match)
                    case .other: .string(isEscaped: false)
                    case .ended(let isMatch): isMatch ? .colon : .betweenTokens
                    }
                offset += 1
            case .colon:
                guard !bytes[offset].isJSONSpace else { offset += 1; continue }
                isTrue = false
                if bytes[offset] == UInt8(ascii: ":") {
                    place = .value(matched: 0)
                    offset += 1
                } else {
                    place = .betweenTokens
                }
            case .value(let matched):
                if matched == 0, bytes[offset].isJSONSpace {
                    offset += 1
                } else if bytes[offset] == Self.trueLiteral.utf8Start[matched] {
                    offset += 1
                    isTrue = matched + 1 == Self.trueLiteral.utf8CodeUnitCount
                    place = isTrue ? .betweenTokens : .value(matched: matched + 1)
                } else {
                    place = .betweenTokens
                }
            case .end:
                return
            }
        }
    }

    private static let trueLiteral: StaticString = "true"

    private mutating func begin(with byte: UInt8) {
        switch byte {
        case UInt8(ascii: "{"):
            depth = 1
            expectsName = true
            place = .betweenTokens
        // llama-server's parser skips a byte order mark.
        case 0xEF, 0xBB, 0xBF:
            break
        default:
            if !byte.isJSONSpace { place = .end }
        }
    }

    /// - Returns: the offset up to which it has read.
    private mutating func readTokens(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int {
        for offset in start..<bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                expectsName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth > 0 else {
                    place = .end
                    return offset + 1
                }
            case UInt8(ascii: ","):
                expectsName = depth == 1
            case UInt8(ascii: "\""):
                place = expectsName ? .name(NameMatch()) : .string(isEscaped: false)
                expectsName = false
                return offset + 1
            default:
                break
            }
        }
        return bytes.count
    }

    /// - Parameter isEscaped: whether the first byte follows a backslash.
    /// - Returns: the offset up to which it has read.
    private mutating func readString(_ bytes: borrowing Span<UInt8>, from start: Int, _ isEscaped: Bool) -> Int {
        let start = isEscaped ? start + 1 : start
        var from = start
        while let quote = bytes.index(of: UInt8(ascii: "\""), from: from) {
            if bytes.backslashes(before: quote, downTo: start).isMultiple(of: 2) {
                place = .betweenTokens
                return quote + 1
            }
            from = quote + 1
        }
        let trailing = bytes.backslashes(before: bytes.count, downTo: from)
        place = .string(isEscaped: !trailing.isMultiple(of: 2))
        return bytes.count
    }
}

/// A name in JSON, compared byte by byte with `stream`. Escapes count as what they stand for.
private struct NameMatch {
    enum Step {
        case undecided
        /// Another name, of which the rest is to come.
        case other
        case ended(isMatch: Bool)
    }

    private enum Escape {
        case none
        case backslash
        case unicode(digits: Int, value: UInt32)
    }

    private var matched = 0
    private var escape = Escape.none

    private static let name: StaticString = "stream"

    mutating func take(_ byte: UInt8) -> Step {
        switch escape {
        case .none:
            switch byte {
            case UInt8(ascii: "\""):
                return .ended(isMatch: matched == Self.name.utf8CodeUnitCount)
            case UInt8(ascii: "\\"):
                escape = .backslash
                return .undecided
            default:
                return compare(UInt32(byte))
            }
        case .backslash:
            // All others stand for characters that the name hasn't.
            guard byte == UInt8(ascii: "u") else { return .other }
            escape = .unicode(digits: 0, value: 0)
            return .undecided
        case .unicode(let digits, let value):
            guard let digit = byte.hexDigit else { return byte == UInt8(ascii: "\"") ? .ended(isMatch: false) : .other }
            let longer = value << 4 | digit
            guard digits == 3 else {
                escape = .unicode(digits: digits + 1, value: longer)
                return .undecided
            }
            escape = .none
            return compare(longer)
        }
    }

    private mutating func compare(_ character: UInt32) -> Step {
        guard matched < Self.name.utf8CodeUnitCount, character == UInt32(Self.name.utf8Start[matched]) else {
            return .other
        }
        matched += 1
        return .undecided
    }
}

extension Span<UInt8> {
    fileprivate borrowing func backslashes(before end: Int, downTo start: Int) -> Int {
        var count = 0
        while end - count > start, self[end - count - 1] == UInt8(ascii: "\\") { count += 1 }
        return count
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r")
            || self == UInt8(ascii: "\t")
    }

    fileprivate var hexDigit: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
