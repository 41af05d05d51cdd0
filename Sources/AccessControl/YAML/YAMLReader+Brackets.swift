// Lists and keys in brackets, which may go on over several lines.

extension YAMLReader {
    /// What is in brackets, or a text within some, that begins at the cursor. It may go on over several lines.
    mutating func flow(depth: Int) throws(YAMLMistake) -> YAMLNode {
        let line = lineOfCursor
        guard depth < Self.deepest else { throw YAMLMistake(line, "this is nested too deeply") }
        switch bytes[cursor] {
        case UInt8(ascii: "["): return YAMLNode(line: line, content: .sequence(try flowItems(depth)))
        case UInt8(ascii: "{"): return YAMLNode(line: line, content: .mapping(try flowEntries(depth)))
        default:
            let (scalar, isPlain) = try flowText()
            let isNothing = isPlain && Self.isNothing(scalar)
            return YAMLNode(line: line, content: isNothing ? .nothing : .scalar(scalar))
        }
    }

    mutating func flowItems(_ depth: Int) throws(YAMLMistake) -> [YAMLNode] {
        let start = lineOfCursor
        var items: [YAMLNode] = []
        cursor += 1
        while try flowSpace(until: "]", from: start) != UInt8(ascii: "]") {
            guard items.count < Self.mostItems else { throw tooManyItems(start) }
            items.append(try flow(depth: depth + 1))
            let next = try flowSpace(until: "]", from: start)
            if next == UInt8(ascii: ",") { cursor += 1 }
            guard next == UInt8(ascii: ",") || next == UInt8(ascii: "]") else {
                throw YAMLMistake(lineOfCursor, "a comma or ] is missing")
            }
        }
        cursor += 1
        return items
    }

    mutating func flowEntries(_ depth: Int) throws(YAMLMistake) -> [YAMLEntry] {
        let start = lineOfCursor
        var entries: [YAMLEntry] = []
        cursor += 1
        while try flowSpace(until: "}", from: start) != UInt8(ascii: "}") {
            let (key, _) = try flowText()
            guard try flowSpace(until: "}", from: start) == UInt8(ascii: ":") else {
                throw YAMLMistake(key.line, "\(key.string): there is no colon behind it")
            }
            cursor += 1
            try add(key, &entries) { reader throws(YAMLMistake) in
                let next = try reader.flowSpace(until: "}", from: start)
                guard next != UInt8(ascii: ","), next != UInt8(ascii: "}") else {
                    return YAMLNode(line: reader.lineOfCursor, content: .nothing)
                }
                return try reader.flow(depth: depth + 1)
            }
            let next = try flowSpace(until: "}", from: start)
            if next == UInt8(ascii: ",") { cursor += 1 }
            guard next == UInt8(ascii: ",") || next == UInt8(ascii: "}") else {
                throw YAMLMistake(lineOfCursor, "a comma or } is missing")
            }
        }
        cursor += 1
        return entries
    }

    mutating func flowText() throws(YAMLMistake) -> (YAMLScalar, isPlain: Bool) {
        let line = lineOfCursor
        let first = bytes[cursor]
        guard first != UInt8(ascii: "\""), first != UInt8(ascii: "'") else { return (try quoted(line), false) }
        let lineEnd = ahead?.end ?? bytes.count
        try checkStart(of: cursor, end: lineEnd, line, inBrackets: true)
        var end = cursor
        loop: while end < lineEnd {
            switch bytes[end] {
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"):
                break loop
            case UInt8(ascii: ":"):
                if end + 1 == lineEnd || isSpace(bytes[end + 1]) { break loop }
                // To YAML 1.2 it ends the text even so, and to libyaml it is a mistake.
                guard !Self.isBracketOrComma(bytes[end + 1]) else {
                    throw YAMLMistake(line, "there is no space behind the colon")
                }
            case UInt8(ascii: "#"):
                if isSpace(bytes[end - 1]) { break loop }
            case 0xC2, 0xE2: try refuseLineSeparator(at: end, line)
            default: break
            }
            end += 1
        }
        let text = trimmed(cursor..<end)
        cursor = end
        return (YAMLScalar(line: line, text: text), true)
    }

    /// Passes over white space and comments between the words in brackets.
    ///
    /// - Returns: the byte behind it.
    mutating func flowSpace(until bracket: Character, from start: Int) throws(YAMLMistake) -> UInt8 {
        while cursor < bytes.count {
            let byte = bytes[cursor]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): cursor += 1
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): try goOnInNextLine()
            case UInt8(ascii: "#") where isSpace(bytes[cursor - 1]) || bytes[cursor - 1] == UInt8(ascii: "\n"):
                cursor = ahead?.end ?? bytes.count
            default: return byte
            }
        }
        throw YAMLMistake(start, "the closing \(bracket) is missing")
    }

    /// The cursor is at the end of the line that is ahead.
    mutating func goOnInNextLine() throws(YAMLMistake) {
        pass()
        guard let line = try look() else {
            cursor = bytes.count
            return
        }
        cursor = line.start
    }

    var lineOfCursor: Int { ahead?.number ?? linesBefore }
}
