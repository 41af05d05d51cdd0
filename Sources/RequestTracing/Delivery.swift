/// What becomes of spans by what the collector says, and what the log says of that.
struct Delivery {
    /// Attempts in a row that came to nothing.
    private var failures = 0
    private var fails = false

    enum Verdict: Equatable {
        case delivered
        /// So many are lost; the others are delivered.
        case lost(Int)
        /// The same is to be sent again.
        case again(after: Duration)
    }

    /// What is worth a line of the log.
    enum Change: Equatable {
        case failed(String)
        case works
    }

    static let shortestPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(30)
    /// A collector may want more than that, but not for ever.
    static let longestWish: Int64 = 300

    /// - Parameters:
    ///   - spans: how many it was sent.
    ///   - now: in seconds since 1970.
    ///   - jitter: from 0 to 1, random, so that not all senders come again at once.
    mutating func judge(
        _ answer: CollectorAnswer,
        spans: Int,
        now: Int64,
        jitter: Double
    ) -> (verdict: Verdict, change: Change?) {
        switch answer {
        case .reply(200..<300, _, let body):
            failures = 0
            guard let part = PartialSuccess(in: body) else { return (.delivered, becomes(nil)) }
            let reason =
                "\(part.rejected) spans of \(spans) were rejected\(part.message.isEmpty ? "" : ": \(part.message)")"
            return (.lost(min(part.rejected, spans)), becomes(reason))
        case .reply(let status, let wish, _) where Self.temporary.contains(status):
            let wish = wish.flatMap { RetryAfter.seconds($0, now: now) }
            return (.again(after: pause(wish: wish, jitter)), becomes("it answered \(status)"))
        case .reply(let status, _, _):
            failures = 0
            return (.lost(spans), becomes("it answered \(status)\(Self.hint(status))"))
        case .none(let reason):
            return (.again(after: pause(wish: nil, jitter)), becomes(reason))
        }
    }

    /// OTLP/HTTP, "Retryable Response Codes".
    private static let temporary = [429, 502, 503, 504]

    private static func hint(_ status: Int) -> String {
        switch status {
        case 300..<400: ", and redirects aren't followed"
        case 401, 403: ": look at --otlp-header"
        case 404, 405: ": look at the path and the port of --otlp-endpoint, which is OTLP over HTTP, as a rule on 4318"
        default: ""
        }
    }

    private mutating func pause(wish: Int64?, _ jitter: Double) -> Duration {
        let doubled = Self.shortestPause * (1 << min(failures, 10))
        failures += 1
        let pause = min(doubled, Self.longestPause) * (0.5 + jitter / 2)
        return max(pause, .seconds(min(wish ?? 0, Self.longestWish)))
    }

    /// - Parameter reason: nil: all is well.
    private mutating func becomes(_ reason: String?) -> Change? {
        defer { fails = reason != nil }
        if let reason { return fails ? nil : .failed(reason) }
        return fails ? .works : nil
    }
}
