// Hot: runs for every field line of a head.

/// The field lines of a head, and what they say about the message. Requests and responses share it.
struct FieldSection: Sendable {
    private(set) var known: [KnownFieldLine] = []
    /// Which of them there are: most of those that are looked for are missing.
    private var present: FieldSet = []
    /// All field lines, known or not.
    private(set) var count = 0
    private(set) var hosts = 0
    private(set) var contentLength: Int64?
    private(set) var isChunked = false
    private(set) var expectsContinue = false
    /// From the first byte of the first line to the first byte of the empty line.
    private(set) var extent = 0..<0

    private var connection = ConnectionOptions()

    /// Starts anew behind a start line, keeping the storage.
    mutating func reset(start: Int = 0) {
        known.removeAll(keepingCapacity: true)
        present = []
        count = 0
        hosts = 0
        contentLength = nil
        isChunked = false
        expectsContinue = false
        extent = start..<start
        connection = ConnectionOptions()
    }

    /// - Parameter line: not empty, without its CRLF, and without characters that may not stand in a line.
    @inline(__always)
    mutating func add(_ line: Range<Int>, in bytes: Span<UInt8>, maximum: Int) throws(FramingError) {
        count &+= 1
        guard count <= maximum else { throw .tooManyFields }
        let colon = bytes.firstColon(in: line)
        guard colon < line.upperBound, let field = KnownField(bytes, line.lowerBound..<colon) else {
            return try Self.checkName(of: line, in: bytes)
        }
        let value = bytes.trimmed(colon &+ 1..<line.upperBound)
        if field == .contentLength || field == .transferEncoding || field == .connection {
            // HTAB is legal around any value, but there are parsers (llhttp is one) to which "chunked" and an HTAB
            // isn't chunked. Of all fields, all must agree on these; and nobody sends such a thing in good faith.
            for offset in colon &+ 1..<line.upperBound where bytes[offset] == .tab { throw .tabAroundFraming }
        }
        try understand(field, value, in: bytes)
        known.append(KnownFieldLine(field: field, line: line.lowerBound..<line.upperBound &+ 2, value: value))
        present.insert(FieldSet(field))
    }

    /// To be called with the offset of the empty line.
    mutating func finish(at end: Int, in bytes: Span<UInt8>, version: HTTPVersion) throws(FramingError) {
        extent = extent.lowerBound..<end
        if isChunked {
            // RFC 9112 6.1: such a message was passed on by somebody who doesn't know what the field means.
            guard version == .http11 else { throw .transferEncodingInHTTP10 }
            // RFC 9112 6.3: this "might indicate an attempt to perform request smuggling".
            guard contentLength == nil else { throw .lengthAndTransferEncoding }
        }
        if connection.hasNominations {
            known = NominatedFields.marked(in: bytes, known: known, extent: extent)
            present.insert(.nominated)
        }
    }

    /// What `Content-Length` and `Transfer-Encoding` say; nil when there is neither.
    var framing: BodyFraming? {
        isChunked ? .chunked : contentLength.map(BodyFraming.length)
    }

    /// Whether the sender leaves the connection open after this message, RFC 9112 9.3.
    func keepsAlive(_ version: HTTPVersion) -> Bool {
        guard !connection.hasClose else { return false }
        return version == .http11 || connection.hasKeepAlive
    }

    func first(_ field: KnownField) -> KnownFieldLine? {
        guard present.contains(FieldSet(field)) else { return nil }
        return known.first { $0.field == field }
    }

    func value(of name: [UInt8], in bytes: Span<UInt8>) -> Range<Int>? {
        var start = extent.lowerBound
        while start < extent.upperBound {
            let end = bytes.endOfLine(from: start)
            let colon = start + name.count
            if colon < end, bytes[colon] == UInt8(ascii: ":"),
                name.indices.allSatisfy({ bytes[start + $0].lowercased == name[$0] })
            {
                return bytes.trimmed(colon + 1..<end)
            }
            start = end + 2
        }
        return nil
    }

    @inline(__always)
    func forEachKeptRange(dropping: FieldSet, _ body: (Range<Int>) -> Void) {
        var start = extent.lowerBound
        for field in known where dropping.contains(FieldSet(field.field)) {
            if start < field.line.lowerBound { body(start..<field.line.lowerBound) }
            start = field.line.upperBound
        }
        if start < extent.upperBound { body(start..<extent.upperBound) }
    }

    private mutating func understand(
        _ field: KnownField,
        _ value: Range<Int>,
        in bytes: Span<UInt8>
    ) throws(FramingError) {
        switch field {
        case .host:
            hosts &+= 1
        case .contentLength:
            // RFC 9112 6.3 lets a recipient take repeated equal values for one; others take the first or the last.
            guard contentLength == nil else { throw .repeatedContentLength }
            contentLength = try Self.length(value, in: bytes)
        case .transferEncoding:
            // RFC 9112 6.1: chunked is applied once and last, and no other coding is worth having between us.
            guard !isChunked else { throw .repeatedTransferEncoding }
            guard bytes.equalsIgnoringCase(value, "chunked") else { throw .unsupportedTransferCoding }
            isChunked = true
        case .connection:
            try connection.add(value, in: bytes)
        case .expect:
            var elements = ListElements(value)
            while let element = elements.next(in: bytes) {
                if bytes.equalsIgnoringCase(element, "100-continue") { expectsContinue = true }
            }
        case .keepAlive, .proxyConnection, .te, .trailer, .upgrade, .forwardedFor, .forwardedProto, .forwardedHost,
            .forwardedPort, .forwardedPrefix, .realIP, .forwarded, .via, .cookie, .origin, .requestedMethod,
            .allowedOrigin, .requestID, .conversationID, .authorization, .apiKey, .contentType,
            .contentEncoding, .trace, .agent, .explain, .requestedClass, .chosenUpstream, .choiceReason, .traceParent,
            .http2Settings,
            .nominated:
            break
        }
    }

    /// RFC 9110 8.6: digits, nothing else; one must expect numbers that overflow.
    private static func length(_ value: Range<Int>, in bytes: Span<UInt8>) throws(FramingError) -> Int64 {
        guard !value.isEmpty else { throw .invalidContentLength }
        var length: Int64 = 0
        for offset in value {
            guard bytes[offset].isDigit else { throw .invalidContentLength }
            let (product, hasOverflown) = length.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = product.addingReportingOverflow(Int64(bytes[offset] &- UInt8(ascii: "0")))
            guard !hasOverflown, !isTooLarge else { throw .invalidContentLength }
            length = sum
        }
        return length
    }

    /// A name that is known needs no look at its characters, any other must be a token.
    @inline(__always)
    private static func checkName(of line: Range<Int>, in bytes: Span<UInt8>) throws(FramingError) {
        let end = bytes.endOfToken(from: line.lowerBound, to: line.upperBound)
        guard end > line.lowerBound, end < line.upperBound, bytes[end] == UInt8(ascii: ":") else {
            throw reasonForNoName(line, token: line.lowerBound..<end, in: bytes)
        }
    }

    private static func reasonForNoName(
        _ line: Range<Int>,
        token: Range<Int>,
        in bytes: Span<UInt8>
    ) -> FramingError {
        // RFC 9112 5.2 for later lines, 2.2 for the first: whitespace there has been taken for part of the line before.
        guard !bytes[line.lowerBound].isWhitespace else { return .foldedField }
        guard token.upperBound < line.upperBound else { return .missingColon }
        guard bytes[token.upperBound] != UInt8(ascii: ":") else { return .emptyFieldName }
        // RFC 9112 5.1: differences in what is made of it have led to attacks.
        return bytes[token.upperBound].isWhitespace ? .whitespaceBeforeColon : .invalidFieldName
    }
}
