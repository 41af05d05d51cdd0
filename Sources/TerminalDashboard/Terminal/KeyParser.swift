/// Bytes of a terminal in, keys out. Sequences as ECMA-48 and xterm have them.
///
/// Text that is pasted is no keys: a pasted "dy" is not to drain a server.
struct KeyParser {
    private var pending: [UInt8] = []
    private var isPasting = false

    /// Longer ones are nonsense.
    private static let longestSequence = 32

    /// Whether an escape may be a key of its own or the start of a sequence: what follows at once decides.
    var isUndecided: Bool { !pending.isEmpty && !isPasting }

    mutating func read(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes {
            pending.append(byte)
            if let key = takePending() { keys.append(key) }
        }
        return keys
    }

    /// Nothing followed.
    mutating func settle() -> [Key] {
        defer { pending = [] }
        return pending == [0x1B] ? [.escape] : []
    }

    private mutating func takePending() -> Key? {
        if isPasting { return takePasted() }
        guard let first = pending.first else { return nil }
        guard first == 0x1B else {
            if let length = Self.utf8Length(first), pending.count < length { return nil }
            defer { pending = [] }
            return Self.plain(pending)
        }
        guard pending.count > 1 else { return nil }
        switch pending[1] {
        case UInt8(ascii: "["):
            guard pending.count > 2 else { return nil }
            guard let last = pending.last, (0x40...0x7E).contains(last) else {
                if pending.count > Self.longestSequence { pending = [] }
                return nil
            }
            defer { pending = [] }
            return sequence(pending.dropFirst(2))
        case UInt8(ascii: "O"):
            guard pending.count > 2 else { return nil }
            defer { pending = [] }
            return Self.letter(pending[2])
        case 0x1B:
            pending = [0x1B]
            return .escape
        default:
            // Alt and a key.
            pending = []
            return nil
        }
    }

    private mutating func takePasted() -> Key? {
        let end = Array("\u{1B}[201~".utf8)
        if pending.suffix(end.count) == end[...] {
            isPasting = false
            pending = []
        } else if pending.count > end.count {
            pending.removeFirst(pending.count - end.count)
        }
        return nil
    }

    private mutating func sequence(_ bytes: ArraySlice<UInt8>) -> Key? {
        guard bytes.last == UInt8(ascii: "~") else { return bytes.last.flatMap(Self.letter) }
        // Modifiers after a semicolon don't matter.
        let number = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        switch String(decoding: number, as: UTF8.self) {
        case "1", "7": return .home
        case "4", "8": return .end
        case "5": return .pageUp
        case "6": return .pageDown
        case "200": isPasting = true
        default: break
        }
        return nil
    }

    private static func letter(_ byte: UInt8) -> Key? {
        switch byte {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "M"): .enter
        default: nil
        }
    }

    private static func plain(_ bytes: [UInt8]) -> Key? {
        switch bytes[0] {
        case 0x0D, 0x0A: .enter
        // What terminals send is one or the other.
        case 0x08, 0x7F: .backspace
        case 1...26: .control(Character(Unicode.Scalar(bytes[0] + 0x60)))
        case 0x20...0x7E: .character(Character(Unicode.Scalar(bytes[0])))
        case 0x80...: String(validating: bytes, as: UTF8.self)?.first.map(Key.character)
        default: nil
        }
    }

    private static func utf8Length(_ first: UInt8) -> Int? {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: nil
        }
    }
}
