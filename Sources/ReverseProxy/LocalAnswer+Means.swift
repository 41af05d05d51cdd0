import RequestRecords

// What the balancer itself has no means for.

extension LocalAnswer {
    static func tooManyConnections(limit: Int) -> LocalAnswer {
        LocalAnswer(
            status: 503,
            type: "unavailable_error",
            message: "the \(limit) connections of clients that --max-connections allows are all in use",
            retryAfterSeconds: 1,
            outcome: .refused(.tooManyConnections)
        )
    }

    static func noMeansToConnect(_ reason: String) -> LocalAnswer {
        LocalAnswer(
            status: 503,
            type: "unavailable_error",
            message: "the balancer itself could open no connection to a llama.cpp server: \(reason)",
            retryAfterSeconds: 1,
            outcome: .failed(.noMeans)
        )
    }
}
