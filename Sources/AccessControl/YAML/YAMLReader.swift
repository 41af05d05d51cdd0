/// Reads the part of YAML 1.2 in which settings are written, from its first byte to its last, in time that grows with its
/// length and with nothing else.
///
/// Blocks of keys, and lists, both also in brackets, texts with or without quotes, and comments. What it takes means the same to
/// every reader of YAML. What can stand for more than is written (references), or is easily taken for something else (texts
/// over several lines, tags), it refuses in words.
///
/// A file of 100,000 tenants takes libyaml and Yams ten seconds, since they make an object of each word of it.
struct YAMLReader {
    let bytes: [UInt8]
    /// Where the lines begin that weren't looked at yet, and how many come before.
    var rest = 0
    var linesBefore = 0
    /// The next line with something in it.
    var ahead: Line?
    /// Where reading goes on within it.
    var cursor = 0
    var hasBegun = false

    struct Line {
        let number: Int
        /// In spaces.
        let indent: Int
        /// Of its first other character.
        let start: Int
        /// Behind its last character.
        let end: Int
    }

    /// Items of one list.
    static let mostItems = 10_000
    /// Keys that stand together, but for those that are read one by one (``key(at:)``).
    static let mostKeys = 64
    static let deepest = 8
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

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

    mutating func value(below indent: Int, depth: Int) throws(YAMLMistake) -> YAMLNode {
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

    mutating func mapping(at indent: Int, depth: Int) throws(YAMLMistake) -> YAMLNode {
        let line = try nextLine()
        var entries: [YAMLEntry] = []
        while let key = try key(at: indent) {
            try add(key, &entries) { reader throws(YAMLMistake) in try reader.value(below: indent, depth: depth) }
        }
        return YAMLNode(line: line, content: .mapping(entries))
    }

    mutating func add(
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

    mutating func sequence(at indent: Int) throws(YAMLMistake) -> YAMLNode {
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
    mutating func inline(_ line: Line) throws(YAMLMistake) -> YAMLNode {
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
    mutating func plain(_ line: Line) throws(YAMLMistake) -> YAMLNode {
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
}
