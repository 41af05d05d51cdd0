/// What an upstream sends in answer to one request, and what the client may see of it.
package struct AnswerCase: Sendable {
    /// Unique in the corpus: `family: what is special`.
    package let name: String
    /// What the expectation follows from, for example `RFC 9112 6.3`.
    package let rule: String
    /// Of the request.
    package let method: String
    package let bytes: [UInt8]
    /// Whether the upstream closes the connection behind them.
    package let closes: Bool
    package let expectation: AnswerExpectation
}

/// A request gets one answer: the upstream's, or a 502, or one that is seen to be cut.
package enum AnswerExpectation: Sendable {
    /// 502, and nothing of what came.
    case refused
    /// The head is passed on, the end is missing, and the connection ends.
    case cut
    /// Passed on whole.
    /// - Parameters:
    ///   - body: with its framing.
    ///   - isLast: the client sees the end of it by the connection's.
    case relayed(status: Int, body: String, isLast: Bool)
}
