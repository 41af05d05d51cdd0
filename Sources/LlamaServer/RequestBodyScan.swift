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
        /// Behind a name that is looked for.
        case colon(Member)
        /// Behind the colon of `stream`; so many characters were those of `true`.
        case wish(matched: Int)
        /// Behind the colon of `model`.
        case beforeModel
        /// In the string behind it.
        case model(JSONStringReader)
        /// Behind the object, or in what is none.
        case end
    }

    private var place = Place.start
    private var depth = 0
    /// Whether a string would be a name at the top level.
    private var expectsName = false
    private var isTrue = false
    private var name: String?

    /// What is looked for at the top level.
    fileprivate enum Member {
        case stream
        case model
    }

    public init() {}

    /// Whether the body is a JSON object with `"stream": true` at its top level; as with llama-server, of several the last
    /// one counts. False as long as the object hasn't ended.
    public var asksForStream: Bool { isComplete && isTrue }

    /// The string that `"model"` has at its top level; of several the last one counts, as with llama-server. nil if there is
    /// none, if it is empty or no string, and as long as the object hasn't ended. A name beyond ``longestModel`` is cut.
    public var model: String? { isComplete ? name : nil }

    /// In UTF-8 bytes.
    public static let longestModel = 512

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
                    case .ended(let member): member.map(Place.colon) ?? .betweenTokens
                    }
                offset += 1
            case .colon(let member):
                guard !bytes[offset].isJSONSpace else { offset += 1; continue }
                switch member {
                case .stream: isTrue = false
                case .model: name = nil
                }
                if bytes[offset] == UInt8(ascii: ":") {
                    place = member == .stream ? .wish(matched: 0) : .beforeModel
                    offset += 1
                } else {
                    place = .betweenTokens
                }
            case .beforeModel:
                if bytes[offset] == UInt8(ascii: "\"") {
                    place = .model(JSONStringReader(limit: Self.longestModel))
                    offset += 1
                } else if bytes[offset].isJSONSpace {
                    offset += 1
                } else {
                    place = .betweenTokens
                }
            case .model(var reader):
                place = .betweenTokens
                offset = reader.read(bytes, from: offset)
                if reader.isComplete {
                    name = reader.text.isEmpty ? nil : reader.text
                } else {
                    place = .model(reader)
                }
            case .wish(let matched):
                if matched == 0, bytes[offset].isJSONSpace {
                    offset += 1
                } else if bytes[offset] == Self.trueLiteral.utf8Start[matched] {
                    offset += 1
                    isTrue = matched + 1 == Self.trueLiteral.utf8CodeUnitCount
                    place = isTrue ? .betweenTokens : .wish(matched: matched + 1)
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

/// A name in JSON, compared byte by byte with those that are looked for. Escapes count as what they stand for.
private struct NameMatch {
    enum Step {
        case undecided
        /// Another name, of which the rest is to come.
        case other
        /// - nil: another name.
        case ended(RequestBodyScan.Member?)
    }

    private enum Escape {
        case none
        case backslash
        case unicode(digits: Int, value: UInt32)
    }

    private var matched = 0
    /// By its first letter.
    private var candidate: RequestBodyScan.Member?
    private var escape = Escape.none

    mutating func take(_ byte: UInt8) -> Step {
        switch escape {
        case .none:
            switch byte {
            case UInt8(ascii: "\""):
                return .ended(candidate.flatMap { matched == $0.name.utf8CodeUnitCount ? $0 : nil })
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
            guard let digit = byte.hexDigit else { return byte == UInt8(ascii: "\"") ? .ended(nil) : .other }
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
        if matched == 0 {
            switch character {
            case UInt32(UInt8(ascii: "s")): candidate = .stream
            case UInt32(UInt8(ascii: "m")): candidate = .model
            default: return .other
            }
        }
        guard let name = candidate?.name, matched < name.utf8CodeUnitCount,
            character == UInt32(name.utf8Start[matched])
        else { return .other }
        matched += 1
        return .undecided
    }
}

extension RequestBodyScan.Member {
    fileprivate var name: StaticString {
        switch self {
        case .stream: "stream"
        case .model: "model"
        }
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

    var hexDigit: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
