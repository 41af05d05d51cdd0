import AccessControl
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
    /// Of llama-servers' metrics: who reads them sees by it that counters begin anew.
    private var processStart: UInt64?
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
    ///
    /// - Parameter processStart: changes when one of them is restarted; nil: none has said when it was started.
    static func metrics(_ text: String, processStart: UInt64?) -> LocalAnswer {
        // As Prometheus' text format, and llama-server, have it.
        var answer = LocalAnswer(status: 200, text, contentType: "text/plain; version=0.0.4")
        answer.processStart = processStart
        return answer
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
        if let processStart { buffer.writeString("Process-Start-Time-Unix: \(processStart)\r\n") }
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

    /// Of a name from elsewhere, as much as a message shows.
    static func short(_ name: String) -> String { name.printable(atMost: 100) }
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
