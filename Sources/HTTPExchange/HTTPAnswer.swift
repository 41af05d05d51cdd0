/// What came of a request.
public enum HTTPAnswer: Equatable, Sendable {
    case reply(status: Int, body: [UInt8])
    /// Nobody answered, or not to the end.
    case none(NoAnswer)

    /// - Note: the reason is for people.
    public enum NoAnswer: Equatable, Sendable {
        case timedOut
        case failed(String)

        public var inWords: String {
            switch self {
            case .timedOut: "no answer in time"
            case .failed(let reason): reason
            }
        }
    }
}
