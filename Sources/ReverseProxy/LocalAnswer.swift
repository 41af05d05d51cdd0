import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import PrintableText
import RequestRecords
import Scheduling

/// An answer that the balancer gives itself: its health, or why a request goes nowhere.
struct LocalAnswer {
    let status: Int
    let body: [UInt8]
    /// What the body says, if that is an error.
    let error: ErrorBody?
    var retryAfterSeconds: Int?
    /// RFC 9110 11.6.1: who is asked for a key is told for which kind.
    var asksForKey = false
    /// Whether it answers a browser that asks for a page whether it may ask.
    private(set) var isPreflight = false
    /// What the log says of it, if it is one of many such answers.
    let refusal: Refusal?
    /// How the request ended.
    let outcome: RequestOutcome
    private var contentType = Self.json
    /// What is left of its tenant's budget, if that is why.
    var budget: BudgetStatus?
    /// RFC 9110 15.5.22: who is told to speak another protocol is told which.
    var namesProtocol = false

    /// - Parameters:
    ///   - message: what happened, to what, and what to do; a client's user may read it.
    ///   - outcome: how the request ended; nil: `refusal` says it, or else it is one that made no sense.
    init(
        status: Int,
        type: String,
        message: String,
        retryAfterSeconds: Int? = nil,
        refusal: Refusal? = nil,
        outcome: RequestOutcome? = nil
    ) {
        self.outcome = outcome ?? .refused(refusal?.told ?? .invalid)
        self.status = status
        let error = ErrorBody(code: status, message: message, type: type)
        self.body = error.json
        self.error = error
        self.retryAfterSeconds = retryAfterSeconds
        self.refusal = refusal
    }

    private init(status: Int, _ text: String, contentType: StaticString = Self.json) {
        self.status = status
        self.body = Array(text.utf8)
        self.error = nil
        self.refusal = nil
        self.outcome = .answeredHere
        self.contentType = contentType
    }

    private static let json: StaticString = "application/json; charset=utf-8"

    /// llama-server's metrics, those of all servers.
    static func metrics(_ text: String) -> LocalAnswer {
        // As Prometheus' text format, and llama-server, have it.
        LocalAnswer(status: 200, text, contentType: "text/plain; version=0.0.4")
    }

    /// What one of several servers says for all.
    init(_ answer: ServerAnswer) {
        self.init(status: answer.status, answer.text)
    }

    static var noContent: LocalAnswer { LocalAnswer(status: 204, "") }

    /// What several servers say together.
    static func json(_ text: String) -> LocalAnswer { LocalAnswer(status: 200, text) }

    /// As llama-server's, but that no server is asked: who may ask what is decided when the page does.
    static var preflight: LocalAnswer {
        var answer = LocalAnswer(status: 200, "")
        answer.isPreflight = true
        return answer
    }

    /// Everything up to the fields that all answers have.
    func writeHead(into buffer: inout ByteBuffer) {
        buffer.writeString("HTTP/1.1 \(status) \(Self.reason(status))\r\n")
        if !body.isEmpty {
            buffer.writeStaticString("Content-Type: ")
            buffer.writeStaticString(contentType)
            buffer.writeStaticString("\r\n")
        }
        // RFC 9110 8.6 forbids it there.
        if status != 204 { buffer.writeString("Content-Length: \(body.count)\r\n") }
        if isPreflight {
            buffer.writeStaticString("Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n")
            buffer.writeStaticString("Access-Control-Allow-Headers: *\r\n")
        }
        if let retryAfterSeconds {
            buffer.writeString("Retry-After: \(retryAfterSeconds)\r\n")
        }
        if namesProtocol { buffer.writeStaticString("Upgrade: HTTP/1.1\r\nConnection: Upgrade\r\n") }
        if asksForKey { buffer.writeStaticString("WWW-Authenticate: Bearer\r\n") }
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 421: "Misdirected Request"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 508: "Loop Detected"
        default: "Error"
        }
    }
}

// MARK: - Health

extension LocalAnswer {
    /// The balancer's own health.
    ///
    /// - Parameter failsOnNoSlot: as llama-server's `?fail_on_no_slot=1`.
    static func health(_ fleet: FleetSummary, queued: Int, failsOnNoSlot: Bool, isDraining: Bool) -> LocalAnswer {
        let status = isDraining ? "draining" : failsOnNoSlot && fleet.slotsIdle < 1 ? "no slot available" : "ok"
        return LocalAnswer(
            status: status == "ok" ? 200 : 503,
            """
            {"status":"\(status)","slots_idle":\(fleet.slotsIdle),"slots_processing":\(fleet.slotsProcessing),\
            "slots_total":\(fleet.slotsTotal),"upstreams":\(fleet.registered),"upstreams_usable":\(fleet.usable),\
            "requests_buffered":\(queued)}
            """
        )
    }
}

// MARK: - Requests that are not let through

extension LocalAnswer {
    static var unauthorized: LocalAnswer {
        var answer = LocalAnswer(
            status: 401,
            type: "authentication_error",
            message: "this API key is missing or unknown; send a valid one as Authorization: Bearer KEY",
            refusal: .noKey
        )
        answer.asksForKey = true
        return answer
    }

    static func forbidden(_ endpoint: GuardedEndpoint) -> LocalAnswer {
        let (what, flag) =
            switch endpoint {
            case .slots: ("/slots is", "--slots-endpoint-enable")
            case .streams: ("running answers by their conversation's id are", "--streams-endpoint-enable")
            case .administration: ("endpoints that change a llama.cpp server are", "--admin-endpoints-enable")
            }
        return LocalAnswer(
            status: 403,
            type: "permission_error",
            message: "\(what) not reachable through this balancer, unless it is started with \(flag)",
            refusal: .guarded
        )
    }
}

// MARK: - Requests that can't be read or held

extension LocalAnswer {
    init(_ error: FramingError) {
        self.init(status: error.status, type: "invalid_request_error", message: "\(error)")
    }

    static func headTooLate(after limit: Duration) -> LocalAnswer {
        late("the head of the request was not complete \(limit.formattedInWords) after its first byte", .requestHead)
    }

    static func bodyTooLate(after limit: Duration) -> LocalAnswer {
        late("nothing more of the request body came for \(limit.formattedInWords)", .requestBody)
    }

    static func bodyTooSlow(bytesPerSecond rate: Int) -> LocalAnswer {
        late(
            "the request body came at less than the \(rate) bytes a second that --request-body-min-rate asks for",
            .requestBody
        )
    }

    private static func late(_ message: String, _ wait: RequestOutcome.Wait) -> LocalAnswer {
        LocalAnswer(status: 408, type: "timeout_error", message: message, outcome: .timedOut(wait))
    }

    static func bodyTooLarge(limit: Int) -> LocalAnswer {
        LocalAnswer(
            status: 413,
            type: "invalid_request_error",
            message: "the request body is larger than the \(limit) bytes that --max-request-body allows",
            refusal: .bodyTooLarge
        )
    }

    static func tooManyBytesHeld(limit: Int) -> LocalAnswer {
        LocalAnswer(
            status: 429,
            type: "rate_limit_error",
            message: "this and other requests take up more than the \(limit) bytes that --max-buffered-bytes allows",
            retryAfterSeconds: 1,
            refusal: .bytesHeld
        )
    }

    /// What clients take for the word that there are no WebSockets: Codex goes on by HTTP at once, and tries again and again
    /// after any other status.
    static var webSocketRefused: LocalAnswer {
        var answer = LocalAnswer(
            status: 426,
            type: "not_supported_error",
            message: "WebSockets are not supported: ask by plain HTTP/1.1, with POST",
            outcome: .refused(.notSupported)
        )
        answer.namesProtocol = true
        return answer
    }

    static var connectRefused: LocalAnswer {
        LocalAnswer(
            status: 501,
            type: "not_supported_error",
            message: "CONNECT is not supported: this is a reverse proxy",
            outcome: .refused(.notSupported)
        )
    }

    static func tooManyServers(limit: Int) -> LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message: """
                this is for all llama.cpp servers, and there are more than the \(limit) that are told at one time: name one after \
                the other in the header X-Paddler-Agent
                """,
            outcome: .refused(.tooManyServers)
        )
    }
}

// MARK: - Upstreams that can't serve

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
                message: "no llama.cpp server serves the model '\(Self.short(model))'; there is: \(Self.list(known))",
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

    private static func short(_ name: String) -> String { name.printable(atMost: 100) }

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
        return "all \(fleet.slotsTotal) slots on \(servers(fleet.usable)) stayed busy for \(time)"
    }

    private static func busy(_ fleet: FleetSummary) -> String {
        guard fleet.registered > 0 else { return nobody }
        guard fleet.usable > 0 else { return "none of the \(servers(fleet.registered)) is ready" }
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
}

extension LocalAnswer {
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

extension ErrorBody {
    /// What a stream's client is told last when nothing more comes.
    init(_ cut: AnswerCut) {
        switch cut {
        case .brokenOff:
            self.init(
                code: 502,
                message: "the llama.cpp server broke off this answer: what came so far is not all of it",
                type: "upstream_error"
            )
        case .silent(let limit):
            self.init(
                code: 504,
                message: """
                    the llama.cpp server said nothing more of this answer for \(limit.formattedInWords): \
                    what came so far is not all of it
                    """,
                type: "timeout_error"
            )
        case .shutdown:
            self.init(
                code: 503,
                message: "the balancer was stopped in the middle of this answer: what came so far is not all of it",
                type: "unavailable_error"
            )
        }
    }
}

extension Duration {
    /// `60 s`, `500 ms`: for messages.
    fileprivate var formattedInWords: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard seconds < 1 || milliseconds >= 100 && seconds < 10 else {
            return "\(milliseconds >= 500 ? seconds + 1 : seconds) s"
        }
        return "\(seconds * 1000 + milliseconds) ms"
    }
}
