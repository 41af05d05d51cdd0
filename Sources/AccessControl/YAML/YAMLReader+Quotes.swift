// Texts in quotes.

extension YAMLReader {
    /// A text in quotes that begins at the cursor.
    mutating func quoted(_ line: Int) throws(YAMLMistake) -> YAMLScalar {
        let quote = bytes[cursor]
        /// What stands in front of the last escape.
        var text: [UInt8] = []
        var start = cursor + 1
        cursor = start
        while cursor < bytes.count {
            let byte = bytes[cursor]
            if byte == quote {
                let piece = bytes[start..<cursor]
                cursor += 1
                guard quote == UInt8(ascii: "'"), cursor < bytes.count, bytes[cursor] == quote else {
                    return YAMLScalar(line: line, text: text.isEmpty ? piece : (text + piece)[...])
                }
                text += piece
                // Two stand for one.
                start = cursor
            } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                text += bytes[start..<cursor]
                text += try escaped(line)
                start = cursor
                continue
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                break
            } else {
                try refuseLineSeparator(at: cursor, line)
            }
            cursor += 1
        }
        throw YAMLMistake(line, "a quote isn't closed in its line")
    }

    /// - Returns: what an escape sequence, YAML 1.2.2 5.7, stands for.
    mutating func escaped(_ line: Int) throws(YAMLMistake) -> [UInt8] {
        let kind = cursor + 1 < bytes.count ? bytes[cursor + 1] : 0
        cursor += 2
        let digits: Int
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: " "): return [kind]
        case UInt8(ascii: "t"): return [UInt8(ascii: "\t")]
        case UInt8(ascii: "n"): return [UInt8(ascii: "\n")]
        case UInt8(ascii: "r"): return [UInt8(ascii: "\r")]
        case UInt8(ascii: "x"): digits = 2
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        default: throw YAMLMistake(line, "there is a backslash that means nothing here; write \\\\ for one")
        }
        let hexadecimal = bytes[cursor..<min(cursor + digits, bytes.count)]
        guard hexadecimal.count == digits, hexadecimal.allSatisfy(Self.isHexadecimal),
            let number = UInt32(String(decoding: hexadecimal, as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(number)
        else { throw YAMLMistake(line, "a backslash isn't followed by a character's number") }
        cursor += digits
        return Array(String(scalar).utf8)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
