import RequestRecords

// Requests that were never meant to get here, or not so many of them.

extension LocalAnswer {
    /// RFC 5842 7.2 has the status; HTTP's own answer, 502, could be anybody's.
    static var loop: LocalAnswer {
        LocalAnswer(
            status: 508,
            type: "upstream_error",
            message: """
                this request came back to the balancer that had sent it on: an agent names an address that leads back here \
                (see its --external-llamacpp-addr)
                """,
            refusal: .loop
        )
    }

    static func noModels(servers: Int) -> LocalAnswer {
        LocalAnswer(
            status: 502,
            type: "upstream_error",
            message: "none of the \(servers) llama.cpp servers that were asked has listed its models",
            outcome: .failed(.nobodyAnswered)
        )
    }

    static func noMetrics(servers: Int) -> LocalAnswer {
        LocalAnswer(
            status: 502,
            type: "upstream_error",
            message: """
                none of the \(servers) llama.cpp servers has given its metrics; llama-server gives them when it is started with \
                --metrics
                """,
            outcome: .failed(.nobodyAnswered)
        )
    }

    static var notHere: LocalAnswer {
        LocalAnswer(
            status: 421,
            type: "invalid_request_error",
            message: """
                this is the reverse proxy, where clients connect; agents and operators use the balancer's management address \
                (its --management-addr, port 8085 by default)
                """,
            refusal: .notHere
        )
    }

    static func tooManyWithoutKey(limit: Int) -> LocalAnswer {
        LocalAnswer(
            status: 429,
            type: "rate_limit_error",
            message: "\(limit) requests without an API key are being answered already; send one, or try again",
            retryAfterSeconds: 1,
            refusal: .tooManyWithoutKey
        )
    }
}
