import HTTPFraming

/// What a request head says, with text in place of offsets.
struct ReadRequest: Equatable, Sendable {
    var method: RequestMethod
    var methodName: String
    var target: String
    var path: String
    var pathAndQuery: String
    var authority: String?
    var version: HTTPVersion
    var body: BodyFraming
    var keepsAlive: Bool
    var expectsContinue: Bool
    var fieldLines: String
    var fieldCount: Int
    var known: [ReadField]
    var length: Int
}

/// What a response head says, with text in place of offsets.
struct ReadResponse: Equatable, Sendable {
    var version: HTTPVersion
    var status: Int
    var reason: String
    var statusLine: String
    var body: BodyFraming
    var keepsAlive: Bool
    var fieldLines: String
    var fieldCount: Int
    var known: [ReadField]
    var length: Int
}

struct ReadField: Equatable, Sendable {
    var field: KnownField
    var value: String
}

/// In how many pieces a head arrives.
enum Arrival: Sendable {
    case whole
    case split(at: Int)
    case byteByByte

    static func all(for text: String) -> [Arrival] {
        [.whole, .byteByByte] + (0...text.utf8.count).map(Arrival.split)
    }

    /// How many bytes there are at each call.
    func counts(of total: Int) -> [Int] {
        switch self {
        case .whole: [total]
        case .split(let offset): [offset, total]
        case .byteByByte: Array(0...total)
        }
    }
}

/// Reads one request head; nil when it isn't complete.
func readRequest(
    _ text: String,
    _ arrival: Arrival = .whole,
    limits: HeadLimits = HeadLimits()
) throws(FramingError) -> ReadRequest? {
    let bytes = Array(text.utf8)
    var head = RequestHead(limits: limits)
    for count in arrival.counts(of: bytes.count) {
        guard try head.parse(bytes.span.extracting(first: count)) else { continue }
        return ReadRequest(head, bytes)
    }
    return nil
}

/// Reads one response head; nil when it isn't complete.
func readResponse(
    _ text: String,
    answering method: RequestMethod = .get,
    _ arrival: Arrival = .whole,
    limits: HeadLimits = HeadLimits()
) throws(FramingError) -> ReadResponse? {
    let bytes = Array(text.utf8)
    var head = ResponseHead(limits: limits)
    for count in arrival.counts(of: bytes.count) {
        guard try head.parse(bytes.span.extracting(first: count), answering: method) else { continue }
        return ReadResponse(head, bytes)
    }
    return nil
}

extension ReadRequest {
    init(_ head: borrowing RequestHead, _ bytes: [UInt8]) {
        var fieldLines = ""
        head.forEachKeptRange(dropping: []) { fieldLines += text(bytes, $0) }
        self.init(
            method: head.method,
            methodName: text(bytes, head.methodName),
            target: text(bytes, head.target),
            path: text(bytes, head.path),
            pathAndQuery: text(bytes, head.pathAndQuery),
            authority: head.authority.map { text(bytes, $0) },
            version: head.version,
            body: head.body,
            keepsAlive: head.keepsAlive,
            expectsContinue: head.expectsContinue,
            fieldLines: fieldLines,
            fieldCount: head.fieldCount,
            known: head.fields.map { ReadField(field: $0.field, value: text(bytes, $0.value)) },
            length: head.length
        )
    }
}

extension ReadResponse {
    init(_ head: borrowing ResponseHead, _ bytes: [UInt8]) {
        var fieldLines = ""
        head.forEachKeptRange(dropping: []) { fieldLines += text(bytes, $0) }
        self.init(
            version: head.version,
            status: head.status,
            reason: text(bytes, head.reason),
            statusLine: text(bytes, head.statusLine),
            body: head.body,
            keepsAlive: head.keepsAlive,
            fieldLines: fieldLines,
            fieldCount: head.fieldCount,
            known: head.fields.map { ReadField(field: $0.field, value: text(bytes, $0.value)) },
            length: head.length
        )
    }
}

func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
}

/// A request that is right in all but the lines given.
func request(_ fieldLines: String...) -> String {
    (["POST /completion HTTP/1.1", "Host: a"] + fieldLines).map { $0 + "\r\n" }.joined() + "\r\n"
}

/// A response that is right in all but the lines given.
func response(_ fieldLines: String...) -> String {
    (["HTTP/1.1 200 OK"] + fieldLines).map { $0 + "\r\n" }.joined() + "\r\n"
}
