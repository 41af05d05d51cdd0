/// What the body of a request says at its top level of what concerns a balancer: read once, piece by piece, as it comes in.
///
/// Strings, of which a long prompt consists, are skipped at the speed of memory. What isn't JSON gets any answer.
public struct RequestBodyScan: Sendable {
    private enum Place {
        /// Before the object.
        case start
        case betweenTokens
        case string(from: Int, isEscaped: Bool)
        /// In a name at the top level.
        case name(MemberNameReader)
        /// Behind a name that is looked for.
        case colon(RequestMember)
        /// Behind the colon of `stream`; so many characters were those of `true`.
        case wish(matched: Int)
        /// Behind the colon of `model`.
        case beforeModel
        /// In the string behind it.
        case model(JSONStringReader)
        /// Behind the object, or in what is none.
        case end
    }

    private var place = Place.start
    private var depth = 0
    /// Whether a string would be a name at the top level.
    private var expectsName = false
    private var isTrue = false
    private var name: String?
    /// Where its value begins, and where it ends.
    private var namePlace = 0..<0

    /// Where the values of those members begin of which a prompt is made.
    private(set) var promptMembers = MemberStarts<PromptMember>()
    /// The same of those that tell how many slots it takes, and which session it belongs to.
    private(set) var demandMembers = MemberStarts<DemandMember>()
    /// Those that have ended.
    private(set) var longStrings = LongStrings()
    /// How many bytes were read before.
    private var bytesBefore = 0

    public init() {}

    /// Whether the body is a JSON object with `"stream": true` at its top level; as with llama-server, of several the last
    /// one counts. False as long as the object hasn't ended.
    public var asksForStream: Bool { isComplete && isTrue }

    /// The string that `"model"` has at its top level; of several the last one counts, as with llama-server. nil if there is
    /// none, if it is empty or no string, and as long as the object hasn't ended. A name beyond ``longestModel`` is cut.
    public var model: String? { isComplete ? name : nil }

    /// Where the value of that ``model`` stands in the body, its quotes included.
    public var modelPlace: Range<Int>? { model == nil ? nil : namePlace }

    /// In UTF-8 bytes.
    public static let longestModel = 512

    /// Whether nothing that follows matters any more.
    public var isComplete: Bool {
        if case .end = place { true } else { false }
    }

    /// - Parameter bytes: what follows the bytes that were read before.
    public mutating func read(_ bytes: borrowing Span<UInt8>) {
        defer { bytesBefore += bytes.count }
        var offset = 0
        while offset < bytes.count {
            switch place {
            case .start:
                begin(with: bytes[offset])
                offset += 1
            case .betweenTokens:
                offset = readTokens(bytes, from: offset)
            case .string(let start, let isEscaped):
                offset = readString(bytes, from: offset, startedAt: start, isEscaped)
            case .name(var reader):
                place =
                    switch reader.take(bytes[offset]) {
                    case .undecided: .name(reader)
                    case .other: .string(from: bytesBefore + offset + 1, isEscaped: false)
                    case .ended(let member): member.map(Place.colon) ?? .betweenTokens
                    }
                offset += 1
            case .colon(let member):
                guard !bytes[offset].isJSONSpace else { offset += 1; continue }
                guard bytes[offset] == UInt8(ascii: ":") else { place = .betweenTokens; continue }
                offset += 1
                switch member {
                case .stream:
                    isTrue = false
                    place = .wish(matched: 0)
                case .model:
                    name = nil
                    place = .beforeModel
                case .prompt(let part):
                    promptMembers.note(part, at: bytesBefore + offset)
                    place = .betweenTokens
                case .demand(let part):
                    demandMembers.note(part, at: bytesBefore + offset)
                    place = .betweenTokens
                }
            case .beforeModel:
                if bytes[offset] == UInt8(ascii: "\"") {
                    place = .model(JSONStringReader(limit: Self.longestModel))
                    namePlace = bytesBefore + offset..<bytesBefore + offset + 1
                    offset += 1
                } else if bytes[offset].isJSONSpace {
                    offset += 1
                } else {
                    place = .betweenTokens
                }
            case .model(var reader):
                place = .betweenTokens
                offset = reader.read(bytes, from: offset)
                if reader.isComplete {
                    name = reader.text.isEmpty ? nil : reader.text
                    namePlace = namePlace.lowerBound..<bytesBefore + offset
                } else {
                    place = .model(reader)
                }
            case .wish(let matched):
                if matched == 0, bytes[offset].isJSONSpace {
                    offset += 1
                } else if bytes[offset] == Self.trueLiteral.utf8Start[matched] {
                    offset += 1
                    isTrue = matched + 1 == Self.trueLiteral.utf8CodeUnitCount
                    place = isTrue ? .betweenTokens : .wish(matched: matched + 1)
                } else {
                    place = .betweenTokens
                }
            case .end:
                return
            }
        }
    }

    private static let trueLiteral: StaticString = "true"

    private mutating func begin(with byte: UInt8) {
        switch byte {
        case UInt8(ascii: "{"):
            depth = 1
            expectsName = true
            place = .betweenTokens
        // llama-server's parser skips a byte order mark.
        case 0xEF, 0xBB, 0xBF:
            break
        default:
            if !byte.isJSONSpace { place = .end }
        }
    }

    /// - Returns: the offset up to which it has read.
    private mutating func readTokens(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int {
        var offset = start
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                expectsName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth > 0 else {
                    place = .end
                    return offset + 1
                }
            case UInt8(ascii: ","):
                expectsName = depth == 1
            case UInt8(ascii: "\""):
                let start = offset + 1
                guard expectsName else {
                    offset = readString(bytes, from: start, startedAt: bytesBefore + start, false)
                    continue
                }
                expectsName = false
                // Nearly every name is whole and without escapes.
                if let quote = bytes.index(of: UInt8(ascii: "\""), from: start),
                    bytes.backslashes(before: quote, downTo: start) == 0
                {
                    let name = bytes.extracting(start..<quote)
                    if let member = RequestMember(named: name) {
                        place = .colon(member)
                        return quote + 1
                    }
                    if name.index(of: UInt8(ascii: "\\"), from: 0) == nil {
                        place = .betweenTokens
                        return quote + 1
                    }
                }
                place = .name(MemberNameReader())
                return start
            default:
                break
            }
            offset += 1
        }
        return offset
    }

    /// - Parameters:
    ///   - beginning: of the string, in the body, behind its opening quote.
    ///   - isEscaped: whether the first byte follows a backslash.
    /// - Returns: the offset up to which it has read.
    private mutating func readString(
        _ bytes: borrowing Span<UInt8>,
        from start: Int,
        startedAt beginning: Int,
        _ isEscaped: Bool
    ) -> Int {
        let start = isEscaped ? start + 1 : start
        if let quote = bytes.closingQuote(from: start) {
            longStrings.note(from: beginning, to: bytesBefore + quote)
            place = .betweenTokens
            return quote + 1
        }
        let trailing = bytes.backslashes(before: bytes.count, downTo: start)
        place = .string(from: beginning, isEscaped: !trailing.isMultiple(of: 2))
        return bytes.count
    }
}
