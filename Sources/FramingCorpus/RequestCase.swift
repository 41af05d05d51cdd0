/// A request as it comes over a connection, and what a strict proxy makes of it.
package struct RequestCase: Sendable {
    /// Unique in the corpus: `family: what is special`.
    package let name: String
    /// What the expectation follows from, for example `RFC 9112 6.3`.
    package let rule: String
    package let bytes: [UInt8]
    package let expectation: RequestExpectation
    /// Why it is passed on although HAProxy refuses it; nil: it doesn't, or there is no good reason.
    package let laxBecause: String?
}

/// One request in is one request out, of the same meaning, or an error and the connection's end.
package enum RequestExpectation: Sendable {
    /// Answered with this status. Nothing reaches an upstream, and the connection ends.
    case refused(Int)
    /// Understood, and answered here with this status. Nothing reaches an upstream; the next request is read.
    case answered(Int)
    /// Reaches the upstream as one request.
    case passed(PassedRequest)
    /// More bytes would have to follow. Nothing reaches an upstream, and nothing is answered.
    case unfinished
}

/// What an upstream gets.
package struct PassedRequest: Sendable {
    package var startLine: String
    package var host = "a"
    package var body = ""
    /// Field lines that must be among the others.
    package var present: [String] = []
    /// Names of fields that must not be there.
    package var absent: [String] = []
    /// Whether the connection ends behind the answer.
    package var isLast = false
}
