/// A member of a request's body, at its top level, that concerns a balancer.
enum RequestMember: Equatable {
    case stream
    case model
    case prompt(PromptMember)
    case demand(DemandMember)

    /// - Parameter name: between its quotes; without escapes, or it isn't found.
    init?(named name: borrowing Span<UInt8>) {
        if name.equals("stream") {
            self = .stream
        } else if name.equals("model") {
            self = .model
        } else if let part = PromptMember(named: name) {
            self = .prompt(part)
        } else if let part = DemandMember(named: name) {
            self = .demand(part)
        } else {
            return nil
        }
    }
}

/// Reads a member's name byte by byte; escapes count as what they stand for.
struct MemberNameReader: Sendable {
    enum Step {
        case undecided
        /// Another name, of which the rest is to come.
        case other
        /// - nil: another name.
        case ended(RequestMember?)
    }

    private enum Escape {
        case none
        case backslash
        case unicode(digits: Int, value: UInt32)
    }

    private var bytes: [UInt8] = []
    private var escape = Escape.none

    /// In bytes.
    private static let longestName = 24

    mutating func take(_ byte: UInt8) -> Step {
        switch escape {
        case .none:
            switch byte {
            case UInt8(ascii: "\""):
                return .ended(RequestMember(named: bytes.span))
            case UInt8(ascii: "\\"):
                escape = .backslash
                return .undecided
            default:
                return append(UInt32(byte))
            }
        case .backslash:
            // All others stand for characters that no name has.
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
            return append(longer)
        }
    }

    private mutating func append(_ character: UInt32) -> Step {
        guard character < 0x80, bytes.count < Self.longestName else { return .other }
        bytes.append(UInt8(character))
        return .undecided
    }
}
