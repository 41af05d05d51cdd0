// Hot: runs for every request.

/// Reads the head of a request, as it comes in. Holds offsets into the bytes, never bytes; all of them count from the
/// start of the bytes that were parsed.
///
/// ```swift
/// if try head.parse(buffer.readableBytesUInt8Span) {
///     // ... use the head, then move the buffer by `head.length` ...
///     var body = BodyFramer(head.body)
///     // ... until the body is complete ...
///     head.reset()
/// }
/// ```
///
/// Not copyable, since it is read from where it stands some twenty times per request.
public struct RequestHead: ~Copyable, Sendable {
    /// Empty lines before a request that are skipped. RFC 9112 2.2 asks for one; old clients send one behind a body.
    static let maximumEmptyLines = 4

    /// Bytes up to and including the empty line, from the very start: where the body begins.
    public private(set) var length = 0
    public private(set) var method = RequestMethod.other
    public private(set) var methodName = 0..<0
    /// The target as it was sent.
    public private(set) var target = 0..<0
    public private(set) var version = HTTPVersion.http11
    /// `.none`, `.length` or `.chunked`.
    public private(set) var body = BodyFraming.none
    /// Whether the client leaves the connection open after this request, RFC 9112 9.3.
    public private(set) var keepsAlive = false
    /// Whether the client waits for `100 Continue` before it sends the body, RFC 9110 10.1.1. False when there is no
    /// body, and for HTTP/1.0, where it means nothing.
    public private(set) var expectsContinue = false

    private let limits: HeadLimits
    private var stage = Stage.requestLine
    private var emptyLines = 0
    private var lines = LineScanner()
    private var targetParts = RequestTarget()
    private var section = FieldSection()

    private enum Stage {
        case requestLine, fields, complete
    }

    public init(limits: HeadLimits = HeadLimits()) {
        self.limits = limits
    }

    /// Reads a head from the start of `bytes`.
    ///
    /// Lines that were complete at an earlier call are not read again, so a head that comes a byte at a time costs
    /// no more than linear time.
    /// - Parameter bytes: all that has been received of this message so far, and possibly of what follows.
    /// - Returns: true when the head is complete and the properties are valid.
    /// - Throws: as soon as no continuation could make a valid head. Don't call again then, except after `reset()`.
    public mutating func parse(_ bytes: Span<UInt8>) throws(FramingError) -> Bool {
        guard stage != .complete else { return true }
        while true {
            let excess: FramingError = stage == .requestLine ? .requestLineTooLong : .headTooLarge
            guard let line = try lines.next(in: bytes, limit: limits.maximumBytes, excess: excess) else { return false }
            if stage == .requestLine {
                try readRequestLine(line, in: bytes)
            } else if line.isEmpty {
                try finish(at: line.lowerBound, in: bytes)
                return true
            } else {
                try section.add(line, in: bytes, maximum: limits.maximumFields)
            }
        }
    }

    /// Makes it ready for the next message, keeping its storage.
    public mutating func reset() {
        stage = .requestLine
        emptyLines = 0
        lines = LineScanner()
        section.reset()
    }

    private mutating func readRequestLine(_ line: Range<Int>, in bytes: Span<UInt8>) throws(FramingError) {
        guard !line.isEmpty else {
            emptyLines += 1
            guard emptyLines <= Self.maximumEmptyLines else { throw .tooManyEmptyLines }
            return
        }
        let methodEnd = bytes.endOfToken(from: line.lowerBound, to: line.upperBound)
        // RFC 9112 3: exactly one SP. Those who split at any whitespace see another target than those who don't.
        guard methodEnd > line.lowerBound, methodEnd < line.upperBound, bytes[methodEnd] == .space else {
            throw .malformedRequestLine
        }
        methodName = line.lowerBound..<methodEnd
        method = RequestMethod(bytes, methodName)

        var targetEnd = methodEnd &+ 1
        while targetEnd < line.upperBound, bytes[targetEnd].isTarget { targetEnd &+= 1 }
        target = methodEnd &+ 1..<targetEnd
        guard targetEnd < line.upperBound, bytes[targetEnd] == .space else {
            // Without a space it's the request line of HTTP/0.9.
            throw targetEnd < line.upperBound ? .invalidTarget : .malformedRequestLine
        }
        guard !target.isEmpty else { throw .malformedRequestLine }
        version = try HTTPVersion(bytes, targetEnd &+ 1..<line.upperBound)
        targetParts = try RequestTarget.parts(of: target, in: bytes, method: method)
        section.reset(start: lines.position)
        stage = .fields
    }

    private mutating func finish(at emptyLine: Int, in bytes: Span<UInt8>) throws(FramingError) {
        try section.finish(at: emptyLine, in: bytes, version: version)
        try checkHost(in: bytes)
        body = section.framing ?? .none
        keepsAlive = section.keepsAlive(version)
        expectsContinue =
            section.expectsContinue && version == .http11 && body != .none && body != .length(0)
        length = lines.position
        stage = .complete
    }

    /// RFC 9112 3.2: exactly one, which may be empty; HTTP/1.0 didn't have it.
    private func checkHost(in bytes: Span<UInt8>) throws(FramingError) {
        guard section.hosts <= 1 else { throw .repeatedHost }
        guard let host = section.first(.host) else {
            guard version == .http10 else { throw .missingHost }
            return
        }
        guard bytes.isAuthority(host.value, allowsEmpty: true) else { throw .invalidHost }
    }
}

extension RequestHead {
    /// The target without its query, scheme and authority; `*` if that is the target. Empty when an absolute-form
    /// target has no path, and for CONNECT.
    public var path: Range<Int> { targetParts.path }

    /// What to send to a server as the target, RFC 9112 3.2.1, behind a `/` of one's own if `path` is empty.
    public var pathAndQuery: Range<Int> { targetParts.pathAndQuery }

    /// Host and port of an absolute-form or authority-form target. If there is one, it is what the request is for, and
    /// the `Host` field must be ignored: RFC 9112 3.2.2.
    public var authority: Range<Int>? { targetParts.authority }

    /// The offset of the first field line, behind the request line.
    public var firstFieldLine: Int { section.extent.lowerBound }

    /// All field lines, known or not.
    public var fieldCount: Int { section.count }

    /// The known fields in order.
    public var fields: [KnownFieldLine] { section.known }

    public func first(_ field: KnownField) -> KnownFieldLine? {
        section.first(field)
    }

    /// The value of the first field of any name, without the white space around it; nil: there is none. O(head), for names
    /// that only an operator knows.
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
