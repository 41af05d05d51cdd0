// Lines, and the characters in them.

extension YAMLReader {
    /// The next line that has anything but white space and comments in it.
    mutating func look() throws(YAMLMistake) -> Line? {
        if let ahead { return ahead }
        while rest < bytes.count {
            let line = try scanLine()
            guard line.start < line.end, bytes[line.start] != UInt8(ascii: "#") else { continue }
            if isMarker(line) {
                guard !hasBegun else { throw YAMLMistake(line.number, "a second document isn't taken") }
                hasBegun = true
                continue
            }
            hasBegun = true
            ahead = line
            cursor = line.start
            return line
        }
        return nil
    }

    mutating func scanLine() throws(YAMLMistake) -> Line {
        linesBefore += 1
        let beginning = rest
        var start = beginning
        while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
        let indent = start - beginning
        var hasTab = false
        while start < bytes.count, isSpace(bytes[start]) {
            hasTab = true
            start += 1
        }
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") {
            let byte = bytes[end]
            if byte < 0x20 || byte == 0x7F, byte != UInt8(ascii: "\t") {
                guard byte == UInt8(ascii: "\r"), end + 1 < bytes.count, bytes[end + 1] == UInt8(ascii: "\n") else {
                    throw YAMLMistake(linesBefore, "there is a control character")
                }
                break
            }
            if byte >= 0xC2 { try refuseUnprintable(at: end) }
            end += 1
        }
        rest = end
        if rest < bytes.count, bytes[rest] == UInt8(ascii: "\r") { rest += 1 }
        if rest < bytes.count { rest += 1 }
        if hasTab, start < end, bytes[start] != UInt8(ascii: "#") {
            throw YAMLMistake(linesBefore, "it is indented by tabs; YAML takes spaces")
        }
        return Line(number: linesBefore, indent: indent, start: start, end: end)
    }

    mutating func pass() {
        ahead = nil
    }

    /// `---` in front of a document.
    func isMarker(_ line: Line) -> Bool {
        guard line.indent == 0, line.end - line.start >= 3,
            bytes[line.start..<line.start + 3].allSatisfy({ $0 == UInt8(ascii: "-") })
        else { return false }
        let behind = bytes[line.start + 3..<line.end]
        guard let next = behind.first else { return true }
        return isSpace(next) && behind.first { !isSpace($0) }.map { $0 == UInt8(ascii: "#") } ?? true
    }

    // MARK: - Characters

    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    static func isBracketOrComma(_ byte: UInt8) -> Bool { ",[]{}".utf8.contains(byte) }

    mutating func skipSpaces(_ line: Line) {
        while cursor < line.end, isSpace(bytes[cursor]) { cursor += 1 }
    }

    /// Whether nothing but a comment is left of the line.
    func isEnd(_ line: Line) -> Bool {
        cursor >= line.end || bytes[cursor] == UInt8(ascii: "#") && isSpace(bytes[cursor - 1])
    }

    mutating func expectEnd() throws(YAMLMistake) {
        guard let line = ahead else { return }
        skipSpaces(line)
        guard isEnd(line) else { throw YAMLMistake(line.number, "something stands behind the end of its value") }
    }

    func isItem(_ line: Line) -> Bool { isDash(at: line.start, end: line.end) }

    func isDash(at start: Int, end: Int) -> Bool {
        bytes[start] == UInt8(ascii: "-") && (start + 1 == end || isSpace(bytes[start + 1]))
    }

    /// YAML 1.2.2 5.3: with what a text can't begin without quotes.
    func checkStart(
        of start: Int,
        end: Int,
        _ line: Int,
        inBrackets: Bool = false
    ) throws(YAMLMistake) {
        let first = bytes[start]
        switch first {
        case UInt8(ascii: "*"), UInt8(ascii: "&"):
            throw YAMLMistake(
                line,
                "references (\(Character(Unicode.Scalar(first)))) aren't taken; put a text in quotes"
            )
        case UInt8(ascii: "!"):
            throw YAMLMistake(line, "tags (!) aren't taken; put a text in quotes")
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            throw YAMLMistake(line, "texts over several lines aren't taken")
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"),
            UInt8(ascii: "#"), UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "`"):
            throw YAMLMistake(line, "a text that begins with \(Character(Unicode.Scalar(first))) goes into quotes")
        case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
            let next = start + 1 < end ? bytes[start + 1] : UInt8(ascii: " ")
            guard !isSpace(next), !inBrackets || first == UInt8(ascii: "-") && !Self.isBracketOrComma(next) else {
                throw YAMLMistake(line, "a text that begins with \(Character(Unicode.Scalar(first))) goes into quotes")
            }
        default: break
        }
    }

    /// YAML 1.2.2 5.1: C1 controls, U+FFFE, U+FFFF and a byte order mark within a file are in no text of YAML, comments
    /// included. What ends lines to some is refused wherever it is, too.
    private func refuseUnprintable(at index: Int) throws(YAMLMistake) {
        try refuseLineSeparator(at: index, linesBefore)
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        let last = index + 2 < bytes.count ? bytes[index + 2] : 0
        let isUnprintable =
            switch bytes[index] {
            case 0xC2: next < 0xA0
            case 0xEF: next == 0xBB && last == 0xBF || next == 0xBF && last >= 0xBE
            default: false
            }
        if isUnprintable { throw YAMLMistake(linesBefore, "there is a control character") }
    }

    /// NEL, LS and PS end lines in YAML 1.1, and don't in 1.2.
    func refuseLineSeparator(at index: Int, _ line: Int) throws(YAMLMistake) {
        let isSeparator: Bool
        switch bytes[index] {
        case 0xC2: isSeparator = index + 1 < bytes.count && bytes[index + 1] == 0x85
        case 0xE2:
            isSeparator =
                index + 2 < bytes.count && bytes[index + 1] == 0x80
                && (bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9)
        default: return
        }
        guard isSeparator else { return }
        throw YAMLMistake(line, "there is a character that ends lines to some readers and not to others")
    }

    /// Of a key without quotes.
    func colon(in line: Line) -> Int? {
        for index in line.start..<line.end {
            if bytes[index] == UInt8(ascii: "#"), index > line.start, isSpace(bytes[index - 1]) { return nil }
            guard bytes[index] == UInt8(ascii: ":") else { continue }
            if index + 1 == line.end || isSpace(bytes[index + 1]) { return index }
        }
        return nil
    }

    /// YAML 1.2.2 10.3.2.
    static func isNothing(_ scalar: YAMLScalar) -> Bool {
        scalar.equals("~") || scalar.equals("null") || scalar.equals("Null") || scalar.equals("NULL")
    }

    func trimmed(_ range: Range<Int>) -> ArraySlice<UInt8> {
        var end = range.upperBound
        while end > range.lowerBound, isSpace(bytes[end - 1]) { end -= 1 }
        return bytes[range.lowerBound..<end]
    }

    func withoutColon(_ line: Line) -> YAMLMistake {
        YAMLMistake(line.number, "there is no colon behind its first word")
    }

    func tooFar(_ line: Line) -> YAMLMistake {
        YAMLMistake(line.number, "it is indented further than those above it, and belongs to nothing")
    }

    func tooManyItems(_ line: Int) -> YAMLMistake {
        YAMLMistake(line, "the list has more than \(Self.mostItems) items")
    }
}
