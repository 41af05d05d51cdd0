/// What can go wrong on purpose.
enum FaultKind: String, CaseIterable, Codable, Sendable {
    /// Closes the listening socket, so that connects are refused, until the faults are cleared.
    case refuse
    /// Closes all connections that have no request on them, now.
    case closeIdle = "close_idle"
    /// Closes the connection without an answer when a request isn't its first.
    case closeOnReuse = "close_on_reuse"
    /// The process ends as soon as the whole request is there.
    case die
    /// Answers 413 and closes as soon as the request's head is there.
    case answerBeforeBody = "answer_before_body"

    case hangBeforeHead = "hang_before_head"
    case hangAfterHead = "hang_after_head"
    case hangMidStream = "hang_mid_stream"
    case resetBeforeHead = "reset_before_head"
    case closeBeforeHead = "close_before_head"
    /// Ends the connection in the middle of a header.
    case halfHead = "half_head"
    case resetMidStream = "reset_mid_stream"
    /// Ends the connection between two chunks, without the last one.
    case cutMidStream = "cut_mid_stream"
    case cutMidChunk = "cut_mid_chunk"
    /// An error event instead of the rest, and a clean end without `[DONE]`, as llama-server does.
    case errorMidStream = "error_mid_stream"
    /// A byte each 10 ms, head and all.
    case trickle
    case malformedHead = "malformed_head"
    /// The head announces 10 bytes less than are sent.
    case wrongContentLengthShort = "wrong_content_length_short"
    /// The head announces 10 bytes more than are sent before the connection's end.
    case wrongContentLengthLong = "wrong_content_length_long"
    case error500 = "error_500"

    /// 503 "Loading model" on every path but for OPTIONS.
    case loading
    /// 401; on `/slots` unless a path is given.
    case unauthorized
    /// 501 on `/slots`.
    case slotsDisabled = "slots_disabled"
    /// Nothing moves in any slot until the faults are cleared, and then all goes on; `/health` and `/slots` answer.
    case stall
    /// `/health` never answers.
    case healthHang = "health_hang"
}
