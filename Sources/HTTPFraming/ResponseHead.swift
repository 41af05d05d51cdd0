// Hot: runs for every response.

/// Reads the head of a response, as it comes in. Holds offsets into the bytes, never bytes; all of them count from the
/// start of the bytes that were parsed.
public struct ResponseHead: ~Copyable, Sendable {
    /// Bytes up to and including the empty line: where the body begins.
    public private(set) var length = 0
    public private(set) var version = HTTPVersion.http11
    /// 100 to 999. 1xx is an interim response: the final one follows. (RFC 9110 15: treat what is over 599 as a 5xx.)
    public private(set) var status = 0
    /// The reason phrase; may be empty.
    public private(set) var reason = 0..<0
    /// The whole line with its CRLF.
    public private(set) var statusLine = 0..<0
    /// What follows the head. `.none` for 1xx, 204, 304 and an answer to HEAD, whatever the fields say.
    public private(set) var body = BodyFraming.none
    /// Whether the connection can be used again after this response. Also false after what leaves a doubt where it
    /// ends.
    public private(set) var keepsAlive = false

    private let limits: HeadLimits
    private var stage = Stage.statusLine
    private var lines = LineScanner()
    private var section = FieldSection()

    private enum Stage {
        case statusLine, fields, complete
    }

    public init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
    }

    /// Reads a head from the start of `bytes`; see `RequestHead.parse`.
    /// - Parameters:
    ///   - bytes: all that has been received of this message so far, and possibly of what follows.
    ///   - method: of the request, because it decides whether the response has a body.
    /// - Returns: true when the head is complete and the properties are valid.
    public mutating func parse(_ bytes: Span<UInt8>, answering method: RequestMethod) throws(FramingError) -> Bool {
        guard stage != .complete else { return true }
        while true {
            guard let line = try lines.next(in: bytes, limit: limits.maximumBytes, excess: .headTooLarge) else {
                return false
            }
            if stage == .statusLine {
                try readStatusLine(line, in: bytes)
            } else if line.isEmpty {
                try finish(at: line.lowerBound, in: bytes, answering: method)
                return true
            } else {
                try section.add(line, in: bytes, maximum: limits.maximumFields)
            }
        }
    }

    /// Makes it ready for the next message, keeping its storage.
    public mutating func reset() {
        stage = .statusLine
        lines = LineScanner()
        section.reset()
    }

    private mutating func readStatusLine(_ line: Range<Int>, in bytes: Span<UInt8>) throws(FramingError) {
        // "HTTP/1.1 200", and the space and the reason behind it.
        guard line.count >= 12, bytes[line.lowerBound &+ 8] == .space else { throw .malformedStatusLine }
        version = try HTTPVersion(bytes, line.lowerBound..<line.lowerBound &+ 8)
        status = 0
        for offset in line.lowerBound &+ 9..<line.lowerBound &+ 12 {
            guard bytes[offset].isDigit else { throw .malformedStatusLine }
            status = status &* 10 &+ Int(bytes[offset] &- UInt8(ascii: "0"))
        }
        guard status >= 100 else { throw .malformedStatusLine }
        // RFC 9112 4 wants the space even before an empty reason; servers forget it, and nothing hangs on it.
        guard line.count == 12 || bytes[line.lowerBound &+ 12] == .space else { throw .malformedStatusLine }
        reason = min(line.lowerBound &+ 13, line.upperBound)..<line.upperBound
        statusLine = line.lowerBound..<lines.position
        section.reset(start: lines.position)
        stage = .fields
    }

    private mutating func finish(
        at emptyLine: Int,
        in bytes: Span<UInt8>,
        answering method: RequestMethod
    ) throws(FramingError) {
        try section.finish(at: emptyLine, in: bytes, version: version)
        body = framing(answering: method)
        keepsAlive = section.keepsAlive(version) && body != .untilClose && !leavesDoubt
        length = lines.position
        stage = .complete
    }

    /// RFC 9112 6.3, in its order.
    private func framing(answering method: RequestMethod) -> BodyFraming {
        guard !isWithoutContent, status != 304, method != .head else { return .none }
        // After that it's a tunnel.
        guard method != .connect || status >= 300 else { return .untilClose }
        return section.framing ?? .untilClose
    }

    private var isWithoutContent: Bool {
        status < 200 || status == 204
    }

    /// What is without content must not have these fields, RFC 9110 8.6 and RFC 9112 6.1: a server that sends them may
    /// also send a body. After 101 the connection speaks another protocol.
    private var leavesDoubt: Bool {
        guard isWithoutContent else { return false }
        guard let framing = section.framing else { return status == 101 }
        return framing != .length(0) || status == 101
    }
}

extension ResponseHead {
    /// The offset of the first field line, behind the status line.
    public var firstFieldLine: Int { section.extent.lowerBound }

    /// All field lines, known or not.
    public var fieldCount: Int { section.count }

    /// The known fields in order.
    public var fields: [KnownFieldLine] { section.known }

    public func first(_ field: KnownField) -> KnownFieldLine? {
        section.first(field)
    }

    /// The value of the first field of any name, as ``RequestHead/value(of:in:)``.
    ///
    /// - Parameters:
    ///   - name: in lower case.
    ///   - bytes: that were parsed.
    public func value(of name: [UInt8], in bytes: Span<UInt8>) -> Range<Int>? {
        section.value(of: name, in: bytes)
    }

    /// Calls `body` with the ranges of field lines to pass on, adjacent ones joined: all but those in `dropping`. The
    /// final empty line is not among them.
    public func forEachKeptRange(dropping: FieldSet, _ body: (Range<Int>) -> Void) {
        section.forEachKeptRange(dropping: dropping, body)
    }
}
