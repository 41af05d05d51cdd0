import HTTPFraming
import LlamaServer
import RequestRecords

// Requests that are not let through, or can't be read or held.

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

    /// A TLS handshake came to a listener without a certificate.
    static var withTLS: LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message: "this port speaks plain HTTP, and the client began with TLS: ask by http:// instead of https://",
            refusal: .withTLS
        )
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
}
