import AsyncHTTPClient
import HTTPExchange
import LlamaServer
import NIOCore
import NIOHTTP1
import NetworkFailures

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
        self.init(
            NetworkFailure.isRefusal(error) ? .unreachable : .lost,
            RequestFailure.inWords(error),
            hint: TLSProblem(error).flatMap(Self.hint),
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
    static func silence(for limit: Duration, speaking dialect: AgentDialect) -> LinkEnd {
        LinkEnd(.lost, "no answer within \(limit)", hint: hint(toOthersThan: dialect), wasWelcome: false)
    }

    static func refusal(
        _ response: HTTPClientResponse,
        to balancer: BalancerEndpoint,
        speaking dialect: AgentDialect,
        wasWelcome: Bool = false
    ) async -> LinkEnd {
        let message = await message(of: response)
        return LinkEnd(
            .declined,
            "it answered \(response.status.code)" + (message.map { ": \($0)" } ?? ""),
            hint: hint(response.status, hasToken: balancer.hasToken, dialect),
            wasWelcome: wasWelcome
        )
    }

    private static func hint(_ status: HTTPResponseStatus, hasToken: Bool, _ dialect: AgentDialect) -> String? {
        switch status {
        case .unauthorized where hasToken:
            "pass the token with which the balancer was started: this agent's --management-token is another"
        case .unauthorized:
            "pass --management-token, with the token with which the balancer was started"
        case .notFound, .methodNotAllowed:
            hint(toOthersThan: dialect)
        default:
            nil
        }
    }

    private static func hint(toOthersThan dialect: AgentDialect) -> String {
        let others = AgentDialect.allCases.filter { $0 != dialect }.map(\.rawValue).joined(separator: " or ")
        return
            "see whether this is a balancer's management address (port 8085 by default), and of which Paddler: another "
            + "one needs --dialect \(others)"
    }

    /// Nil if there is none, or if it doesn't come in time.
    private static func message(of response: HTTPClientResponse) async -> String? {
        await withTaskGroup { group in
            group.addTask {
                let body = try? await response.body.collect(upTo: longestRefusal)
                return body.flatMap { try? ErrorReply(json: Array($0.readableBytesView)).message }
            }
            group.addTask {
                try? await Task.sleep(for: refusalLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
