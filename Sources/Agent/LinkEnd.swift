import LlamaServer
import PrintableText

/// How a connection to a balancer ended.
struct LinkEnd: Sendable {
    enum Kind: Sendable {
        /// It broke off, or didn't come about for reasons that say nothing of the balancer.
        case lost
        /// Nobody listens there.
        case unreachable
        /// The balancer said no: trying again at once makes no sense.
        case declined
    }

    let kind: Kind
    let reason: String
    /// What an operator can do about it.
    var hint: String?
    /// Whether there was a connection at all.
    let wasWelcome: Bool

    private static let longestRefusal = 16 * 1024
    private static let refusalLimit = Duration.seconds(5)

    init(_ kind: Kind, _ reason: String, hint: String? = nil, wasWelcome: Bool) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
        self.wasWelcome = wasWelcome
    }

    /// - Parameter error: why there is no connection (any more).
    init(_ error: any Error, wasWelcome: Bool) {
        guard let failure = error as? TransportFailure else {
            self.init(.lost, ConnectionFailure.other("\(error)").inWords, wasWelcome: wasWelcome)
            return
        }
        let problem: TLSProblem? = if case .connection(.insecure(let problem)) = failure { problem } else { nil }
        self.init(
            failure == .connection(.refused) ? .unreachable : .lost,
            failure.inWords,
            hint: problem.flatMap(Self.hint),
            wasWelcome: wasWelcome
        )
    }

    private static func hint(_ problem: TLSProblem) -> String? {
        switch problem {
        case .distrust: "see whether the agent has to be told of another certificate authority"
        case .noTLS:
            "the balancer speaks plain HTTP there: leave --management-scheme https away, or give it a --management-tls-cert"
        case .refused: "see this agent's --management-cert, and the balancer's --management-client-ca"
        case .other: nil
        }
    }

    /// Somebody took the request and said nothing. Paddler 0.10 does so: it waits for the end of a request that has none
    /// before it refuses it.
    ///
    /// - Parameter others: dialects that could be tried.
    static func silence(for limit: Duration, others: [AgentDialect]) -> LinkEnd {
        LinkEnd(.lost, "no answer within \(limit)", hint: hint(toTry: others), wasWelcome: false)
    }

    static func refusal(
        _ answer: Downlink,
        to balancer: BalancerEndpoint,
        others: [AgentDialect],
        wasWelcome: Bool = false
    ) async -> LinkEnd {
        let body = await body(of: answer)
        return refusal(
            AgentAnswer(status: answer.status, body: body),
            to: balancer,
            others: others,
            wasWelcome: wasWelcome
        )
    }

    static func refusal(
        _ answer: AgentAnswer,
        to balancer: BalancerEndpoint,
        others: [AgentDialect],
        wasWelcome: Bool = false
    ) -> LinkEnd {
        let message = try? ErrorReply(json: answer.body).message
        return LinkEnd(
            .declined,
            "it answered \(answer.status)" + (message.map { ": \($0)" } ?? ""),
            hint: hint(answer.status, hasToken: balancer.hasToken, others),
            wasWelcome: wasWelcome
        )
    }

    private static func hint(_ status: Int, hasToken: Bool, _ others: [AgentDialect]) -> String? {
        switch status {
        case 401 where hasToken:
            "pass the token with which the balancer was started: this agent's --management-token is another"
        case 401:
            "pass --management-token, with the token with which the balancer was started"
        case 404, 405:
            hint(toTry: others)
        default:
            nil
        }
    }

    private static func hint(toTry others: [AgentDialect]) -> String {
        let others = others.map(\.rawValue).joined(separator: " or ")
        return
            "see whether this is a balancer's management address (port 8085 by default), and of which Paddler: another "
            + "one needs --dialect \(others)"
    }

    /// Empty if it is too long, or doesn't come in time.
    private static func body(of answer: Downlink) async -> [UInt8] {
        await withTaskGroup { group in
            group.addTask { (try? await answer.collect(upTo: longestRefusal)) ?? [] }
            group.addTask {
                try? await Task.sleep(for: refusalLimit)
                return []
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }
}
