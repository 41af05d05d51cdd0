/// The YAML of a file that operators write. References (`*name`) aren't taken: a few lines that refer to each other can stand for
/// more than any memory holds.
struct YAMLDocument {
    private let parser: YAMLParser

    /// Far deeper than anything that settings are written in.
    private static let deepest = 100

    /// - Returns: nil: it is empty.
    static func root(of text: String) throws(FlagValueError) -> YAMLNode? {
        try YAMLDocument(parser: YAMLParser(text)).root()
    }

    private func root() throws(FlagValueError) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            switch try parser.next() {
            case .streamEnd: return root
            case .documentStart(let line):
                guard root == nil else { throw FlagValueError("line \(line): a second document isn't taken") }
                root = try node(try parser.next(), depth: 0)
            default: continue
            }
        }
    }

    private func node(_ event: YAMLParser.Event, depth: Int) throws(FlagValueError) -> YAMLNode? {
        switch event {
        case .scalar(let text, let isPlain, let line):
            return YAMLNode(line: line, content: .scalar(text, isPlain: isPlain))
        case .sequenceStart(let line):
            try check(depth, line)
            var items: [YAMLNode] = []
            while let item = try node(try parser.next(), depth: depth + 1) { items.append(item) }
            return YAMLNode(line: line, content: .sequence(items))
        case .mappingStart(let line):
            try check(depth, line)
            return YAMLNode(line: line, content: .mapping(try mapping(depth: depth)))
        case .reference(let name, let line):
            throw FlagValueError(
                "line \(line): *\(name.prefix(40)): references aren't taken; a text that begins with a star goes into quotes"
            )
        case .end, .streamEnd, .documentStart, .other: return nil
        }
    }

    private func mapping(depth: Int) throws(FlagValueError) -> YAMLMapping {
        var mapping = YAMLMapping()
        var known: Set<String> = []
        var repeated: Set<String> = []
        while let key = try node(try parser.next(), depth: depth + 1) {
            guard let value = try node(try parser.next(), depth: depth + 1) else { break }
            if let text = key.text, !known.insert(text).inserted { repeated.insert(text) }
            mapping.entries.append(YAMLEntry(key: key, value: value))
        }
        guard repeated.isEmpty else {
            throw FlagValueError("\(repeated.sorted().joined(separator: ", ")): given twice")
        }
        return mapping
    }

    private func check(_ depth: Int, _ line: Int) throws(FlagValueError) {
        guard depth < Self.deepest else { throw FlagValueError("line \(line): this is nested too deeply") }
    }
}
