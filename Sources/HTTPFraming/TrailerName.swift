// Hot: runs for every byte of a trailer's name.

/// Tells, byte by byte, whether a trailer field is one that must not come behind a body: RFC 9110 6.5.1.
///
/// Only fields that say where messages and connections end or whom they are for. Parsers exist (llhttp is one) that
/// obey them even there.
struct TrailerName: Sendable {
    private static let names = 5

    /// Bit i: the bytes so far are a start of `name(i)`.
    private var candidates: UInt8 = 1 << names - 1
    private var length = 0

    /// - Parameter byte: a character of a token.
    mutating func take(_ byte: UInt8) {
        for index in 0..<Self.names where candidates & (1 << index) != 0 {
            let name = Self.name(index)
            guard length >= name.utf8CodeUnitCount || name.utf8Start[length] != byte | 0x20 else { continue }
            candidates &= ~(1 << index)
        }
        length &+= 1
    }

    /// Whether the bytes so far are such a name.
    var isForbidden: Bool {
        (0..<Self.names).contains { candidates & (1 << $0) != 0 && Self.name($0).utf8CodeUnitCount == length }
    }

    private static func name(_ index: Int) -> StaticString {
        switch index {
        case 0: "content-length"
        case 1: "transfer-encoding"
        case 2: "connection"
        case 3: "upgrade"
        default: "host"
        }
    }
}
