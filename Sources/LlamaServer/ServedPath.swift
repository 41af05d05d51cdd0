/// A path as llama-server compares it with its routes.
enum ServedPath {
    /// Follows cpp-httplib: cut at `#`, then `%XX` is a byte, `%uXXXX` a character, and anything else itself.
    static func decoding(_ path: borrowing Span<UInt8>) -> [UInt8] {
        var end = path.count
        for index in path.indices where path[index] == UInt8(ascii: "#") {
            end = index
            break
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(end)
        var index = 0
        while index < end {
            let byte = path[index]
            index += 1
            guard byte == UInt8(ascii: "%"), index < end else {
                decoded.append(byte)
                continue
            }
            if path[index] == UInt8(ascii: "u"), let value = hexadecimal(path, from: index + 1, digits: 4, end: end) {
                appendUTF8(value, to: &decoded)
                index += 5
            } else if let value = hexadecimal(path, from: index, digits: 2, end: end) {
                decoded.append(UInt8(value))
                index += 2
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    /// The names in a path, in lower case, whatever way it is spelled: encoded once or several times, with empty, `.` and
    /// `..` segments.
    static func plainSegments(of path: borrowing Span<UInt8>) -> [String] {
        var decoded = decoding(path)
        // Encoded more often than this it is nonsense to everybody.
        for _ in 0..<3 where decoded.contains(UInt8(ascii: "%")) { decoded = decoding(decoded.span) }
        var segments: [String] = []
        for segment in decoded.split(separator: UInt8(ascii: "/")) {
            switch String(decoding: segment, as: UTF8.self).lowercased() {
            case ".": continue
            case "..": _ = segments.popLast()
            case let name: segments.append(name)
            }
        }
        return segments
    }

    private static func hexadecimal(_ path: borrowing Span<UInt8>, from start: Int, digits: Int, end: Int) -> UInt16? {
        guard start + digits <= end else { return nil }
        var value: UInt16 = 0
        for index in start..<(start + digits) {
            let digit: UInt8
            switch path[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = path[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = path[index] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = path[index] - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    private static func appendUTF8(_ value: UInt16, to bytes: inout [UInt8]) {
        // No route has a character beyond ASCII, so that half a surrogate pair may become anything that matches none.
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
