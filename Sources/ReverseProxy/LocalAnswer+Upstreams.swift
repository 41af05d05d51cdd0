import LlamaServer
import RequestRecords
import Scheduling

// Upstreams that can't serve, or have failed.

extension LocalAnswer {
    /// - Parameter lastFailure: what became of the last attempt, if there was one.
    init(_ rejection: Rejection, lastFailure: String? = nil) {
        switch rejection {
        case .queueFull(let limit, let fleet):
            self.init(
                status: 429,
                type: "rate_limit_error",
                message: limit == 0
                    ? "\(Self.busy(fleet)), and this balancer holds no queue"
                    : "\(Self.busy(fleet)), and all \(limit) places in the queue are taken",
                retryAfterSeconds: 1,
                refusal: limit == 0 ? .noQueue : .queueFull
            )
        case .modelQueueFull(let model, let limit, let fleet):
            self.init(
                status: 429,
                type: "rate_limit_error",
                message: limit == 0
                    ? "\(Self.busy(fleet)), and nobody may wait for the model '\(Self.short(model))'"
                    : """
                    \(Self.busy(fleet)), and all \(limit) places in the queue for the model '\(Self.short(model))' are \
                    taken
                    """,
                retryAfterSeconds: 1,
                refusal: limit == 0 ? .noQueue : .queueFull
            )
        case .tenantQueueFull(let limit, let fleet):
            self.init(
                status: 429,
                type: "rate_limit_error",
                message: limit == 0
                    ? "\(Self.busy(fleet)), and none of your requests may wait"
                    : "\(Self.busy(fleet)), and \(limit) of your requests wait already, as many as may",
                retryAfterSeconds: 1,
                refusal: .tenantFull
            )
        case .tenantBusy(let limit):
            self.init(
                status: 429,
                type: "rate_limit_error",
                message: "\(limit) of your requests are running already, as many as may",
                retryAfterSeconds: 1,
                refusal: .tenantFull
            )
        case .waitTooLong(let expected, let limit, let fleet):
            self.init(
                status: 429,
                type: "rate_limit_error",
                message: """
                    \(Self.busy(fleet)), and this request could be expected to wait \(expected.formattedInWords), longer \
                    than the \(limit.formattedInWords) that --max-queue-wait-estimate allows
                    """,
                retryAfterSeconds: Int(clamping: max(1, (expected - limit).components.seconds)),
                refusal: .waitTooLong
            )
        case .waitedTooLong(let waited, let fleet):
            self.init(
                status: 504,
                type: "timeout_error",
                message: Self.waited(waited, fleet) + Self.inWords(lastFailure),
                refusal: .waitedTooLong,
                outcome: .timedOut(.queue)
            )
        case .attemptsExhausted(let attempts):
            self.init(
                status: 502,
                type: "upstream_error",
                message: attempts == 1
                    ? Self.brokenOff
                    : "\(attempts) attempts ended with the llama.cpp server closing the connection without an answer",
                outcome: .failed(attempts == 1 ? .brokenOff : .attemptsExhausted)
            )
        case .noServer(let waited, let fleet):
            self.init(
                status: 503,
                type: "unavailable_error",
                message: (waited < .milliseconds(1) ? Self.busy(fleet) : Self.waited(waited, fleet))
                    + Self.inWords(lastFailure),
                retryAfterSeconds: 1,
                refusal: .noServer
            )
        case .unknownModel(let model, let known):
            self.init(
                status: 404,
                type: "model_not_found",
                message: "no llama.cpp server serves the model '\(Self.short(model))'"
                    + (known.isEmpty ? "" : "; there is: \(Self.list(known))"),
                outcome: .refused(.unknownModel)
            )
        case .modelNotNamed(let known):
            self.init(
                status: 400,
                type: "invalid_request_error",
                message: "the request names no model, and there are several: \(Self.list(known))",
                outcome: .refused(.modelNotNamed)
            )
        case .workNotServed(let work, let model):
            let servers = model.map { "no llama.cpp server of the model '\(Self.short($0))'" } ?? "no llama.cpp server"
            let (does, flag) =
                switch work {
                case .completions: ("generates text", "")
                case .embeddings: ("computes embeddings", "; start one with --embeddings")
                case .reranking: ("ranks documents", "; start one with --reranking")
                }
            self.init(
                status: 501,
                type: "not_supported_error",
                message: "\(servers) \(does)\(flag)",
                outcome: .refused(.workNotServed)
            )
        case .modelFailed(let model, let reason):
            let what = model.map { "the model '\(Self.short($0))'" } ?? "the model"
            self.init(
                status: 503,
                type: "unavailable_error",
                message: "\(what) could not be loaded: \(reason)",
                retryAfterSeconds: 5,
                outcome: .failed(.modelFailed)
            )
        case .shuttingDown:
            self.init(
                status: 503,
                type: "unavailable_error",
                message: "the balancer is shutting down",
                retryAfterSeconds: 1,
                outcome: .refused(.shuttingDown)
            )
        }
    }

    private static let longestList = 50

    private static func list(_ names: [String]) -> String {
        let rest = names.count - longestList
        let listed = names.prefix(longestList).map { "'\(short($0))'" }.joined(separator: ", ")
        return rest > 0 ? "\(listed), and \(rest) more" : listed
    }

    private static let nobody = "no llama.cpp server that serves this request has registered"

    private static func waited(_ duration: Duration, _ fleet: FleetSummary) -> String {
        let time = duration.formattedInWords
        guard fleet.registered > 0 else { return "\(nobody) within \(time)" }
        guard fleet.usable > 0 else {
            return "none of the \(servers(fleet.registered)) became ready within \(time)"
        }
        // Those that are idle may not be for it: its tenant has as much running as it may.
        guard fleet.slotsIdle == 0 else { return "no slot became free for this request within \(time)" }
        return "all \(fleet.slotsTotal) slots on \(servers(fleet.usable)) stayed busy for \(time)"
    }

    private static func busy(_ fleet: FleetSummary) -> String {
        guard fleet.registered > 0 else { return nobody }
        guard fleet.usable > 0 else { return "none of the \(servers(fleet.registered)) is ready" }
        guard fleet.slotsIdle == 0 else { return "no slot is free for this request" }
        return "all \(fleet.slotsTotal) slots on \(servers(fleet.usable)) are busy"
    }

    private static func servers(_ count: Int) -> String {
        count == 1 ? "1 server" : "\(count) servers"
    }

    private static func inWords(_ lastFailure: String?) -> String {
        lastFailure.map { " (\($0))" } ?? ""
    }

    static var upstreamFailed: LocalAnswer {
        LocalAnswer(status: 502, type: "upstream_error", message: brokenOff, outcome: .failed(.brokenOff))
    }

    private static let brokenOff = "the llama.cpp server closed the connection without an answer"

    static func serverDied(_ address: NetworkAddress) -> LocalAnswer {
        LocalAnswer(
            status: 502,
            type: "upstream_error",
            message: """
                the llama.cpp server \(address) broke off while it had this request, and doesn't answer any more. \
                The request may be why: it was not sent to another server
                """,
            outcome: .failed(.serverDied)
        )
    }

    static func noConnection(_ reason: String) -> LocalAnswer {
        LocalAnswer(
            status: 502,
            type: "upstream_error",
            message: "no connection to the llama.cpp server: \(reason)",
            outcome: .failed(.noConnection)
        )
    }

    static func malformedAnswer(_ reason: String) -> LocalAnswer {
        LocalAnswer(
            status: 502,
            type: "upstream_error",
            message: "the llama.cpp server's answer could not be understood: \(reason)",
            outcome: .failed(.malformed)
        )
    }

    static func answerTooLate(after limit: Duration) -> LocalAnswer {
        LocalAnswer(
            status: 504,
            type: "timeout_error",
            message: """
                the llama.cpp server did not begin to answer within \(limit.formattedInWords); \
                --first-byte-timeout allows no more
                """,
            outcome: .timedOut(.firstByte)
        )
    }
}
