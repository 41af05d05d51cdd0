// Hot: runs for every piece of a body.

/// Follows a body's framing, so that one knows where it ends. Never holds bytes.
public struct BodyFramer: Sendable {
    public enum Step: Equatable, Sendable {
        /// Payload; read up to its `upperBound`, go on from there. Never empty.
        case data(Range<Int>)
        /// All bytes given belong to the body, and it isn't complete.
        case needMore
        /// The body is complete; the offset just behind it.
        case end(Int)
    }

    private enum State {
        case complete
        /// More than 0.
        case length(Int64)
        case chunked(ChunkedFramer)
        case untilClose
    }

    private var state: State

    public init(_ framing: BodyFraming) {
        state =
            switch framing {
            case .none: .complete
            case .length(let length): length > 0 ? .length(length) : .complete
            case .chunked: .chunked(ChunkedFramer())
            case .untilClose: .untilClose
            }
    }

    /// Never true for `.untilClose`: the caller sees the end of the connection, nobody else does.
    public var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Whether something of one's own, framed like the body, may be put in here: between two chunks, before the first
    /// and before the last; anywhere in `.untilClose`; nowhere else.
    public var isBetweenChunks: Bool {
        switch state {
        case .complete, .length: false
        case .chunked(let framer): framer.isBetweenChunks
        case .untilClose: true
        }
    }

    /// The next piece of the body, from `offset` on. Call it until `.needMore`, then with the bytes that follow those;
    /// or until `.end`. Chunk sizes, extensions and trailers are checked and skipped.
    /// - Throws: don't call again then.
    public mutating func next(_ bytes: Span<UInt8>, from offset: Int) throws(FramingError) -> Step {
        switch state {
        case .complete:
            return .end(offset)
        case .length(let remaining):
            guard offset < bytes.count else { return .needMore }
            let count = min(Int64(bytes.count &- offset), remaining)
            state = count < remaining ? .length(remaining &- count) : .complete
            return .data(offset..<offset &+ Int(count))
        case .chunked(var framer):
            let step = try framer.next(bytes, from: offset)
            if case .end = step { state = .complete } else { state = .chunked(framer) }
            return step
        case .untilClose:
            return offset < bytes.count ? .data(offset..<bytes.count) : .needMore
        }
    }

    /// As `next` until everything is consumed, for those who pass the framing on as it is.
    /// - Returns: how many of `bytes` belong to this body, and whether it is complete with them.
    public mutating func advance(_ bytes: Span<UInt8>) throws(FramingError) -> (count: Int, isComplete: Bool) {
        var offset = 0
        while true {
            switch try next(bytes, from: offset) {
            case .data(let range): offset = range.upperBound
            case .needMore: return (bytes.count, false)
            case .end(let end): return (end, true)
            }
        }
    }
}
