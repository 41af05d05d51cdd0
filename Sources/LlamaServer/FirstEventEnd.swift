// Hot path: `find` runs for the first chunks of a streamed answer of Anthropic's dialect.

/// Looks for the end of a stream's first event.
///
/// Of a streamed `/v1/messages` answer only that event, `message_start`, says what the prompt cost; the last one,
/// `message_delta`, says what was generated (llama.cpp `server-task.cpp`, `to_json_anthropic`).
///
/// Comments, with which llama-server fills the time of a long prompt, are no events: the end looked for is that of an
/// object in front of an empty line. Where something in between has put the border of a chunk into it, the next event's
/// end is found instead, which does as well.
public struct FirstEventEnd: Sendable {
    /// How much of `}`, line end, line end the bytes so far end in.
    private var matched = 0

    public init() {}

    /// - Parameter piece: what comes behind the pieces of earlier calls.
    /// - Returns: how many of its bytes belong to the first event or stand in front of it; nil if the event goes on.
    public mutating func find(in piece: borrowing Span<UInt8>) -> Int? {
        for index in piece.indices {
            switch (piece[index], matched) {
            case (UInt8(ascii: "}"), _): matched = 1
            case (UInt8(ascii: "\n"), 1): matched = 2
            case (UInt8(ascii: "\n"), 2): return index + 1
            default: matched = 0
            }
        }
        return nil
    }
}
