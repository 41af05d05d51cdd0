// Hot: `next` runs for every piece of an answer.

package import HTTPFraming

/// Reads an answer in HTTP/1.1 as it is written, and says what of it goes into which frame: heads and trailers into HEADERS,
/// payload into DATA, and the framing of HTTP/1.1 nowhere. Never holds payload.
package struct Answer: ~Copyable, Sendable {
    package enum Step: Equatable, Sendable {
        /// A head that isn't whole: to be given again, with what follows.
        case needMore
        /// A head of so many bytes; its fields are there until the next step. An interim one is followed by another.
        case head(Int, isInterim: Bool, endsStream: Bool)
        /// Payload; behind it, the answer goes on at the range's end.
        case data(Range<Int>, endsStream: Bool)
        /// So many bytes of framing.
        case framing(Int)
        /// So many bytes, and the answer is whole. Its trailers, if it has some, are there from then on.
        case end(Int, hasTrailers: Bool)
        /// More than the answer.
        case excess
    }

    /// How the stream ends when nothing more is written.
    package enum Ending: Equatable, Sendable {
        /// It has ended: the answer was whole.
        case ended
        /// Only now it is known that the answer is whole.
        case ends
        /// It was cut, or there was none.
        case cut
    }

    private enum State: Sendable {
        case head, behindInterimHead, body, ended
    }

    private let method: RequestMethod
    private var state = State.head
    private var responseHead = ResponseHead(limits: Self.limits)
    private var framer = BodyFramer(.none)
    private var framing = BodyFraming.none
    /// Of a body in chunks: what has come behind its last payload.
    private var tail: [UInt8] = []

    /// More than what an upstream's head may have, with all that is added to it: what has come so far goes on.
    private static let limits: HeadLimits = {
        var limits = HeadLimits()
        limits.maximumBytes *= 2
        limits.maximumFields *= 2
        return limits
    }()

    /// What is about the connection, or about framing that HTTP/2 has other means for: RFC 9113 8.2.2.
    private static let dropped: FieldSet = [.hopByHop, .transferEncoding]

    /// - Parameter isForHead: whether the request's method is HEAD.
    package init(isForHead: Bool) {
        method = isForHead ? .head : .get
    }

    package var isWhole: Bool { state == .ended }

    /// - Parameter bytes: what has been written and wasn't used yet; not empty.
    package mutating func next(_ bytes: Span<UInt8>) throws(FramingError) -> Step {
        switch state {
        case .behindInterimHead:
            responseHead.reset()
            state = .head
            return try readHead(bytes)
        case .head:
            return try readHead(bytes)
        case .body:
            return try readBody(bytes)
        case .ended:
            return .excess
        }
    }

    private mutating func readHead(_ bytes: Span<UInt8>) throws(FramingError) -> Step {
        guard try responseHead.parse(bytes, answering: method) else { return .needMore }
        // RFC 9113 8.6: there is no 101.
        guard responseHead.status != 101 else { throw .malformedStatusLine }
        guard responseHead.status >= 200 else {
            state = .behindInterimHead
            return .head(responseHead.length, isInterim: true, endsStream: false)
        }
        framing = responseHead.body
        framer = BodyFramer(framing)
        state = framer.isComplete ? .ended : .body
        return .head(responseHead.length, isInterim: false, endsStream: framer.isComplete)
    }

    private mutating func readBody(_ bytes: Span<UInt8>) throws(FramingError) -> Step {
        switch try framer.next(bytes, from: 0) {
        case .data(let range):
            tail.removeAll(keepingCapacity: true)
            if framer.isComplete { state = .ended }
            return .data(range, endsStream: framer.isComplete)
        case .needMore:
            keepTail(bytes)
            return .framing(bytes.count)
        case .end(let end):
            keepTail(bytes.extracting(0..<end))
            state = .ended
            return .end(end, hasTrailers: !trailerLines.isEmpty)
        }
    }

    /// Bounded by the limits of chunks' extensions and trailers.
    private mutating func keepTail(_ bytes: Span<UInt8>) {
        for offset in bytes.indices { tail.append(bytes[offset]) }
    }

    /// Nothing more is written.
    package mutating func end() -> Ending {
        switch state {
        case .ended: return .ended
        case .body where framing == .untilClose:
            state = .ended
            return .ends
        case .head, .behindInterimHead, .body: return .cut
        }
    }

    // MARK: - Fields

    package var status: Int { responseHead.status }

    /// - Parameter bytes: those that began with the head.
    package func forEachField(in bytes: Span<UInt8>, _ body: (_ name: String, _ value: String) -> Void) {
        responseHead.forEachKeptRange(dropping: Self.dropped) { range in
            Self.forEachField(in: bytes.extracting(range), body)
        }
    }

    package func forEachTrailer(_ body: (_ name: String, _ value: String) -> Void) {
        Self.forEachField(in: tail.span.extracting(trailerLines), body)
    }

    /// Those lines, of `[CRLF] 0 [extensions] CRLF *(trailer CRLF) CRLF`, which the framer has found to be that.
    private var trailerLines: Range<Int> {
        let size = tail.starts(with: "\r\n".utf8) ? 2 : 0
        guard let end = tail[size...].firstIndex(of: UInt8(ascii: "\n")), end + 1 < tail.count - 2 else {
            return 0..<0
        }
        return end + 1..<tail.count - 2
    }

    /// - Parameter lines: well-formed ones.
    private static func forEachField(in lines: Span<UInt8>, _ body: (_ name: String, _ value: String) -> Void) {
        var start = 0
        while start < lines.count {
            let end = lines.endOfLine(from: start)
            let colon = lines.firstColon(in: start..<end)
            let value = lines.trimmed(colon + 1..<end)
            body(lowercased(lines.extracting(start..<colon)), text(lines.extracting(value)))
            start = end + 2
        }
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    private static func lowercased(_ name: Span<UInt8>) -> String {
        String(unsafeUninitializedCapacity: name.count) { buffer in
            for offset in name.indices { buffer[offset] = name[offset].lowercased }
            return name.count
        }
    }
}
