/// Why there is no connection, or no more of one, whoever found it out.
package enum ConnectionFailure: Hashable, Sendable {
    /// Somebody is there to say that nobody listens.
    case refused
    case reset
    case closed
    /// The connection doesn't come about in time.
    case late
    case noAnswer
    case noRoute
    case unknownName(String)
    case answerTooLong
    case insecure(TLSProblem)
    /// In other words than these.
    case other(String)

    /// One line, for people.
    package var inWords: String {
        switch self {
        case .refused: "connection refused"
        case .reset: "connection reset"
        case .closed: "connection closed"
        case .late: "no connection in time"
        case .noAnswer: "no answer from the machine"
        case .noRoute: "no route to the machine"
        case .unknownName(let name): "the name \(name) cannot be resolved"
        case .answerTooLong: "the answer is too long"
        case .insecure(let problem): "no secure connection: \(problem)"
        case .other(let words): words.replacing("\n", with: " ")
        }
    }
}
