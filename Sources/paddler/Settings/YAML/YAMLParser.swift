internal import CYAML

/// libyaml, which says of a text what begins and ends in it, one after the other.
final class YAMLParser {
    private let text: [UInt8]
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

    enum Event {
        case streamEnd
        case documentStart(line: Int)
        case scalar(String, isPlain: Bool, line: Int)
        case sequenceStart(line: Int)
        case mappingStart(line: Int)
        /// Of the sequence or mapping that began last.
        case end
        /// `*name`
        case reference(String, line: Int)
        /// What says nothing of what the document is about.
        case other
    }

    init(_ text: String) throws(FlagValueError) {
        self.text = Array(text.utf8)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw FlagValueError("there is no memory to read it")
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        // It is asked for the next bytes while it parses.
        yaml_parser_set_input(
            parser,
            { context, buffer, size, read in
                guard let context, let buffer, let read else { return 0 }
                let own = Unmanaged<YAMLParser>.fromOpaque(context).takeUnretainedValue()
                read.pointee = own.give(buffer, atMost: size)
                return 1
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    private var given = 0

    private func give(_ buffer: UnsafeMutablePointer<UInt8>, atMost size: Int) -> Int {
        let count = min(size, text.count - given)
        for index in 0..<count { buffer[index] = text[given + index] }
        given += count
        return count
    }

    func next() throws(FlagValueError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw mistake }
        defer { yaml_event_delete(&event) }
        let line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart(line: line)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                String(decoding: bytes, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                line: line
            )
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart(line: line)
        case YAML_MAPPING_START_EVENT: return .mappingStart(line: line)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
        case YAML_ALIAS_EVENT: return .reference(String(cString: event.data.alias.anchor), line: line)
        default: return .other
        }
    }

    private var mistake: FlagValueError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "this is not YAML"
        switch parser.pointee.error {
        case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
            return FlagValueError("line \(parser.pointee.problem_mark.line + 1): \(problem)")
        default: return FlagValueError(problem)
        }
    }
}
