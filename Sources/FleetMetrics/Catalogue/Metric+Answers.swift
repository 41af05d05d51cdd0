extension Metric {
    /// What was seen of each upstream's answers.
    static let ofAnswers: [Metric] = [
        .upstream(
            .counter,
            "paddler_upstream_responses_total",
            labels: ["class"],
            "Answers that were passed on, by class of status"
        ) { metrics in
            // Those that everybody looks for are there from the start.
            metrics.answersByClass.indices.filter { 2...5 ~= $0 || metrics.answersByClass[$0] > 0 }.map {
                MetricSample(metrics.answersByClass[$0], "\($0)xx")
            }
        },
        .upstream(.counter, "paddler_upstream_responses_cut_total", "Of these: broken off in the middle") {
            [MetricSample($0.answersCut)]
        },
        .upstream(
            .histogram,
            "paddler_upstream_time_to_first_byte_seconds",
            unit: .seconds,
            "From sending a request to the first byte of its answer"
        ) {
            [MetricSample($0.timeToFirstByte)]
        },
        .upstream(
            .histogram,
            "paddler_upstream_time_to_first_token_seconds",
            unit: .seconds,
            "From sending a request to the first event of a streamed answer"
        ) {
            [MetricSample($0.timeToFirstToken)]
        },
        .upstream(
            .histogram,
            "paddler_upstream_response_seconds",
            unit: .seconds,
            "From sending a request to the last byte of its answer"
        ) {
            [MetricSample($0.answerTime)]
        },
        .upstream(
            .counter,
            "paddler_upstream_tokens_total",
            labels: ["kind"],
            "Tokens: of prompts that were computed, of prompts found in a cache, and generated ones"
        ) {
            [
                MetricSample($0.tokens.promptComputed, "prompt_computed"),
                MetricSample($0.tokens.promptCached, "prompt_cached"),
                MetricSample($0.tokens.generated, "generated"),
            ]
        },
        .upstream(.counter, "paddler_upstream_sent_bytes_total", unit: .bytes, "Bytes that were sent to it") {
            [MetricSample($0.bytesSent)]
        },
        .upstream(.counter, "paddler_upstream_received_bytes_total", unit: .bytes, "Bytes that came from it") {
            [MetricSample($0.bytesReceived)]
        },
        .upstream(.counter, "paddler_upstream_connections_opened_total", "Connections that were opened to it") {
            [MetricSample($0.connectionsOpened)]
        },
    ]
}
