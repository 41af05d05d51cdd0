/// Reads the part of YAML 1.2 in which settings are written, from its first byte to its last, in time that grows with its
/// length and with nothing else.
///
/// Blocks of keys, and lists, both also in brackets, texts with or without quotes, and comments. What it takes means the same to
/// every reader of YAML. What can stand for more than is written (references), or is easily taken for something else (texts
/// over several lines, tags), it refuses in words.
///
/// A file of 100,000 tenants takes libyaml and Yams ten seconds, since they make an object of each word of it.
struct YAMLReader {
    private let bytes: [UInt8]
    /// Where the lines begin that weren't looked at yet, and how many come before.
    private var rest = 0
    private var linesBefore = 0
    /// The next line with something in it.
    private var ahead: Line?
    /// Where reading goes on within it.
    private var cursor = 0
    private var hasBegun = false

    private struct Line {
        let number: Int
        /// In spaces.
        let indent: Int
        /// Of its first other character.
        let start: Int
        /// Behind its last character.
        let end: Int
    }

    /// Items of one list.
    private static let mostItems = 10_000
    /// Keys that stand together, but for those that are read one by one (``key(at:)``).
    private static let mostKeys = 64
    private static let deepest = 8
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(_ bytes: [UInt8]) throws(YAMLMistake) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw YAMLMistake(1, "the file is not UTF-8") }
        self.bytes = bytes
        if bytes.starts(with: Self.byteOrderMark) { rest = Self.byteOrderMark.count }
    }

    // MARK: - Keys one by one

    /// By how much the next line is indented; nil at the end.
    mutating func nextIndent() throws(YAMLMistake) -> Int? {
        try look()?.indent
    }

    /// From 1 on; that of the last line at the end.
    mutating func nextLine() throws(YAMLMistake) -> Int {
        try look()?.number ?? linesBefore
    }

    /// The next key of those that are indented by as much; its value is to be read before the next.
    ///
    /// - Returns: nil when there is none any more.
    mutating func key(at indent: Int) throws(YAMLMistake) -> YAMLScalar? {
        guard let line = try look(), line.indent >= indent else { return nil }
        guard line.indent == indent else { throw tooFar(line) }
        guard !isItem(line) else { throw YAMLMistake(line.number, "a list stands where a key is expected") }
        let first = bytes[line.start]
        var key: YAMLScalar
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
            cursor = line.start
            key = try quoted(line.number)
            skipSpaces(line)
            guard cursor < line.end, bytes[cursor] == UInt8(ascii: ":") else { throw withoutColon(line) }
            cursor += 1
        } else {
            try checkStart(of: line.start, end: line.end, line.number)
            guard let colon = colon(in: line) else { throw withoutColon(line) }
            for index in line.start..<colon { try refuseLineSeparator(at: index, line.number) }
            key = YAMLScalar(line: line.number, text: trimmed(line.start..<colon))
            cursor = colon + 1
        }
        guard cursor == line.end || isSpace(bytes[cursor]) else {
            throw YAMLMistake(line.number, "there is no space behind the colon")
        }
        return key
    }

    /// Whether the value of the key that was read is a block of further keys: by how much they are indented.
    ///
    /// - Returns: nil if it is anything else, which ``value(below:)`` reads.
    mutating func block(below indent: Int) throws(YAMLMistake) -> Int? {
        guard let line = ahead else { return nil }
        skipSpaces(line)
        guard isEnd(line) else { return nil }
        let before = self
        pass()
        guard let next = try look(), next.indent > indent, !isItem(next) else {
            self = before
            return nil
        }
        return next.indent
    }

    /// The value of the key that was read.
    mutating func value(below indent: Int) throws(YAMLMistake) -> YAMLNode {
        try value(below: indent, depth: 0)
    }

    // MARK: - Blocks

    private mutating func value(below indent: Int, depth: Int) throws(YAMLMistake) -> YAMLNode {
        guard let line = ahead else { return YAMLNode(line: linesBefore, content: .nothing) }
        skipSpaces(line)
        guard isEnd(line) else {
            let node = try inline(line)
            pass()
            return node
        }
        pass()
        guard let next = try look(), next.indent >= indent else {
            return YAMLNode(line: line.number, content: .nothing)
        }
        guard depth < Self.deepest else { throw YAMLMistake(next.number, "this is nested too deeply") }
        // A list may begin where its key does.
        if isItem(next) { return try sequence(at: next.indent) }
        guard next.indent > indent else { return YAMLNode(line: line.number, content: .nothing) }
        return try mapping(at: next.indent, depth: depth + 1)
    }

    private mutating func mapping(at indent: Int, depth: Int) throws(YAMLMistake) -> YAMLNode {
        let line = try nextLine()
        var entries: [YAMLEntry] = []
        while let key = try key(at: indent) {
            try add(key, &entries) { reader throws(YAMLMistake) in try reader.value(below: indent, depth: depth) }
        }
        return YAMLNode(line: line, content: .mapping(entries))
    }

    private mutating func add(
        _ key: YAMLScalar,
        _ entries: inout [YAMLEntry],
        value: (inout YAMLReader) throws(YAMLMistake) -> YAMLNode
    ) throws(YAMLMistake) {
        guard !entries.contains(where: { $0.key.text == key.text }) else {
            throw YAMLMistake(key.line, "\(key.string): given twice")
        }
        guard entries.count < Self.mostKeys else {
            throw YAMLMistake(key.line, "there are more than \(Self.mostKeys) keys together")
        }
        entries.append(YAMLEntry(key: key, value: try value(&self)))
    }

    private mutating func sequence(at indent: Int) throws(YAMLMistake) -> YAMLNode {
        let start = try nextLine()
        var items: [YAMLNode] = []
        while let line = try look(), line.indent >= indent, isItem(line) || line.indent > indent {
            guard line.indent == indent else { throw tooFar(line) }
            cursor = line.start + 1
            skipSpaces(line)
            guard !isEnd(line) else { throw YAMLMistake(line.number, "nothing stands behind a dash") }
            guard !isDash(at: cursor, end: line.end) else {
                throw YAMLMistake(line.number, "a list in a list isn't taken")
            }
            guard items.count < Self.mostItems else { throw tooManyItems(line.number) }
            items.append(try inline(line))
            pass()
        }
        return YAMLNode(line: start, content: .sequence(items))
    }

    // MARK: - Within a line

    /// A value that begins at the cursor; behind it nothing else stands in its line.
    private mutating func inline(_ line: Line) throws(YAMLMistake) -> YAMLNode {
        switch bytes[cursor] {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            let node = try flow(depth: 0)
            try expectEnd()
            return node
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let scalar = try quoted(line.number)
            try expectEnd()
            return YAMLNode(line: scalar.line, content: .scalar(scalar))
        default:
            return try plain(line)
        }
    }

    /// A text without quotes, up to the end of its line or a comment.
    private mutating func plain(_ line: Line) throws(YAMLMistake) -> YAMLNode {
        try checkStart(of: cursor, end: line.end, line.number)
        var end = cursor
        while end < line.end {
            let byte = bytes[end]
            if byte == UInt8(ascii: "#"), isSpace(bytes[end - 1]) { break }
            if byte == UInt8(ascii: ":"), end + 1 == line.end || isSpace(bytes[end + 1]) {
                throw YAMLMistake(line.number, "there is a second colon; what it belongs to goes into quotes")
            }
            try refuseLineSeparator(at: end, line.number)
            end += 1
        }
        let scalar = YAMLScalar(line: line.number, text: trimmed(cursor..<end))
        cursor = end
        return YAMLNode(line: line.number, content: Self.isNothing(scalar) ? .nothing : .scalar(scalar))
    }

    /// A text in quotes that begins at the cursor.
    private mutating func quoted(_ line: Int) throws(YAMLMistake) -> YAMLScalar {
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
    private mutating func escaped(_ line: Int) throws(YAMLMistake) -> [UInt8] {
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

    // MARK: - In brackets

    /// What is in brackets, or a text within some, that begins at the cursor. It may go on over several lines.
    private mutating func flow(depth: Int) throws(YAMLMistake) -> YAMLNode {
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

    private mutating func flowItems(_ depth: Int) throws(YAMLMistake) -> [YAMLNode] {
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

    private mutating func flowEntries(_ depth: Int) throws(YAMLMistake) -> [YAMLEntry] {
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

    private mutating func flowText() throws(YAMLMistake) -> (YAMLScalar, isPlain: Bool) {
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
    private mutating func flowSpace(until bracket: Character, from start: Int) throws(YAMLMistake) -> UInt8 {
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
    private mutating func goOnInNextLine() throws(YAMLMistake) {
        pass()
        guard let line = try look() else {
            cursor = bytes.count
            return
        }
        cursor = line.start
    }

    private var lineOfCursor: Int { ahead?.number ?? linesBefore }

    // MARK: - Lines

    /// The next line that has anything but white space and comments in it.
    private mutating func look() throws(YAMLMistake) -> Line? {
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

    private mutating func scanLine() throws(YAMLMistake) -> Line {
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

    private mutating func pass() {
        ahead = nil
    }

    /// `---` in front of a document.
    private func isMarker(_ line: Line) -> Bool {
        guard line.indent == 0, line.end - line.start >= 3,
            bytes[line.start..<line.start + 3].allSatisfy({ $0 == UInt8(ascii: "-") })
        else { return false }
        return bytes[line.start + 3..<line.end].first { !isSpace($0) }.map { $0 == UInt8(ascii: "#") } ?? true
    }

    // MARK: - Characters

    private func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func isBracketOrComma(_ byte: UInt8) -> Bool { ",[]{}".utf8.contains(byte) }

    private mutating func skipSpaces(_ line: Line) {
        while cursor < line.end, isSpace(bytes[cursor]) { cursor += 1 }
    }

    /// Whether nothing but a comment is left of the line.
    private func isEnd(_ line: Line) -> Bool {
        cursor >= line.end || bytes[cursor] == UInt8(ascii: "#") && isSpace(bytes[cursor - 1])
    }

    private mutating func expectEnd() throws(YAMLMistake) {
        guard let line = ahead else { return }
        skipSpaces(line)
        guard isEnd(line) else { throw YAMLMistake(line.number, "something stands behind the end of its value") }
    }

    private func isItem(_ line: Line) -> Bool { isDash(at: line.start, end: line.end) }

    private func isDash(at start: Int, end: Int) -> Bool {
        bytes[start] == UInt8(ascii: "-") && (start + 1 == end || isSpace(bytes[start + 1]))
    }

    /// YAML 1.2.2 5.3: with what a text can't begin without quotes.
    private func checkStart(
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

    /// NEL, LS and PS end lines in YAML 1.1, and don't in 1.2.
    private func refuseLineSeparator(at index: Int, _ line: Int) throws(YAMLMistake) {
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
    private func colon(in line: Line) -> Int? {
        for index in line.start..<line.end {
            if bytes[index] == UInt8(ascii: "#"), index > line.start, isSpace(bytes[index - 1]) { return nil }
            guard bytes[index] == UInt8(ascii: ":") else { continue }
            if index + 1 == line.end || isSpace(bytes[index + 1]) { return index }
        }
        return nil
    }

    /// YAML 1.2.2 10.3.2.
    private static func isNothing(_ scalar: YAMLScalar) -> Bool {
        scalar.equals("~") || scalar.equals("null") || scalar.equals("Null") || scalar.equals("NULL")
    }

    private func trimmed(_ range: Range<Int>) -> ArraySlice<UInt8> {
        var end = range.upperBound
        while end > range.lowerBound, isSpace(bytes[end - 1]) { end -= 1 }
        return bytes[range.lowerBound..<end]
    }

    private func withoutColon(_ line: Line) -> YAMLMistake {
        YAMLMistake(line.number, "there is no colon behind its first word")
    }

    private func tooFar(_ line: Line) -> YAMLMistake {
        YAMLMistake(line.number, "it is indented further than those above it, and belongs to nothing")
    }

    private func tooManyItems(_ line: Int) -> YAMLMistake {
        YAMLMistake(line, "the list has more than \(Self.mostItems) items")
    }
}
