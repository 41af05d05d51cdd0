import Scheduling

extension Metric {
    /// Of requests that need a slot.
    static let ofRequests: [Metric] = [
        .fleet(.gauge, "paddler_requests_running", "Requests that have a slot") {
            [MetricSample($0.fleet.leased)]
        },
        .fleet(.counter, "paddler_requests_submitted_total", "Requests that asked for a slot") {
            [MetricSample($0.fleet.counters.submitted)]
        },
        .fleet(.counter, "paddler_requests_queued_total", "Requests that had to wait for one") {
            [MetricSample($0.fleet.counters.queued)]
        },
        .fleet(
            .counter,
            "paddler_requests_held_total",
            "Requests that waited for the busy upstream that had most of their prompt"
        ) {
            [MetricSample($0.fleet.counters.held)]
        },
        .fleet(
            .counter,
            "paddler_requests_held_in_vain_total",
            "Of those: requests that were free to go elsewhere before that upstream had a slot for them"
        ) {
            [MetricSample($0.fleet.counters.heldInVain)]
        },
        .fleet(
            .counter,
            "paddler_requests_fell_back_total",
            "How often a request that waited for one model of its alias went on to the next"
        ) {
            [MetricSample($0.fleet.counters.fellBack)]
        },
        .fleet(
            .counter,
            "paddler_queue_passes_total",
            "Slots that went to a request whose prompt lay there, instead of to one that had waited longer"
        ) {
            [MetricSample($0.fleet.counters.passes)]
        },
        .fleet(
            .counter,
            "paddler_prompt_bytes_total",
            unit: .bytes,
            "Bytes of prompts that were looked for in caches"
        ) {
            [MetricSample($0.fleet.counters.promptBytes)]
        },
        .fleet(
            .counter,
            "paddler_prompt_expected_bytes_total",
            unit: .bytes,
            "Of those: bytes that were expected in the cache of the upstream that got the request"
        ) {
            [MetricSample($0.fleet.counters.promptBytesExpected)]
        },
        .fleet(
            .counter,
            "paddler_requests_dispatched_total",
            "Slots given to requests; one that is tried again is counted again"
        ) {
            [MetricSample($0.fleet.counters.dispatched)]
        },
        .fleet(.counter, "paddler_requests_answered_total", "Requests that were answered by an upstream") {
            [MetricSample($0.fleet.counters.answered)]
        },
        .fleet(
            .counter,
            "paddler_requests_failed_total",
            "Requests whose answer broke off in the middle or could not be understood"
        ) {
            [MetricSample($0.fleet.counters.failed)]
        },
        .fleet(
            .counter,
            "paddler_requests_unsent_total",
            "Requests that had a slot and were not sent, since the balancer could open no connection"
        ) {
            [MetricSample($0.fleet.counters.unsent)]
        },
        .fleet(
            .counter,
            "paddler_requests_rejected_total",
            labels: ["reason"],
            "Requests that were refused: the queue was full, the wait too long, all attempts failed, no server has the model, or can load it, or the balancer stops"
        ) {
            let counters = $0.fleet.counters
            return [
                MetricSample(counters.rejectedQueueFull, "queue_full"),
                MetricSample(counters.rejectedTenantFull, "tenant_full"),
                MetricSample(counters.rejectedWaitTooLong, "wait_too_long"),
                MetricSample(counters.rejectedWaitedTooLong, "waited_too_long"),
                MetricSample(counters.rejectedAttemptsExhausted, "attempts_exhausted"),
                MetricSample(counters.rejectedShuttingDown, "shutting_down"),
                MetricSample(counters.rejectedUnknownModel, "unknown_model"),
                MetricSample(counters.rejectedModelFailed, "model_failed"),
            ]
        },
        .fleet(
            .counter,
            "paddler_load_wishes_total",
            labels: ["wish"],
            "How often an agent was asked to load or unload its model, for those who wait or by an operator"
        ) {
            let counters = $0.fleet.counters
            return [MetricSample(counters.loadsWished, "load"), MetricSample(counters.unloadsWished, "unload")]
        },
        .fleet(
            .counter,
            "paddler_loads_total",
            labels: ["result"],
            "Models that agents have loaded, whoever wished it, loads that failed, and loads that were ended before: nobody waited any more, others got the room, or an operator wanted it so"
        ) {
            let loads = $0.fleet.counters.loads
            return [
                MetricSample(loads.loaded, "loaded"), MetricSample(loads.failed, "failed"),
                MetricSample(loads.givenUp, "given_up"),
            ]
        },
        .fleet(.counter, "paddler_load_seconds_total", unit: .seconds, "What those took that were loaded") {
            [MetricSample(seconds: $0.fleet.counters.loads.loadTime)]
        },
        .fleet(
            .counter,
            "paddler_unloads_total",
            labels: ["reason"],
            "Models that agents have unloaded: to make room for others, since others had waited long enough, by an operator, or for the host's own reasons, as unused for their time to live"
        ) {
            let loads = $0.fleet.counters.loads
            return [
                MetricSample(loads.unloadedForRoom, "room"), MetricSample(loads.unloadedInTurn, "turn"),
                MetricSample(loads.unloadedByWish, "asked"),
                MetricSample(loads.unloadedByHost, "host"),
            ]
        },
        .fleet(
            .counter,
            "paddler_load_waits_total",
            "Requests that began to wait while no server had their model loaded, and got a slot"
        ) {
            [MetricSample($0.fleet.counters.loads.waits)]
        },
        .fleet(.counter, "paddler_load_wait_seconds_total", unit: .seconds, "What those waited for their slot") {
            [MetricSample(seconds: $0.fleet.counters.loads.waited)]
        },
        .fleet(
            .counter,
            "paddler_server_restarts_total",
            "How often a llama-server that its agent runs had crashed and was started again"
        ) {
            [MetricSample($0.fleet.counters.restarts)]
        },
        .fleet(
            .counter,
            "paddler_requests_abandoned_total",
            labels: ["while"],
            "Requests whose client left while they waited or ran"
        ) {
            let counters = $0.fleet.counters
            return [MetricSample(counters.cancelled, "waiting"), MetricSample(counters.clientsLeft, "running")]
        },
        .fleet(
            .counter,
            "paddler_attempts_failed_total",
            labels: ["failure"],
            "Attempts that ended before the first byte of an answer: no connection, loading, another 503 (refused), the connection broke, or no room for a prompt that a larger server may have"
        ) {
            let counters = $0.fleet.counters
            return [
                MetricSample(counters.connectFailures, "connect"),
                MetricSample(counters.unavailable, "unavailable"),
                MetricSample(counters.refused, "refused"),
                MetricSample(counters.brokenOff, "broken_off"),
                MetricSample(counters.withoutRoom, "no_room"),
            ]
        },
        .fleet(
            .counter,
            "paddler_requests_died_with_server_total",
            "Requests, with or without a slot, whose server was gone when it broke them off: perhaps because of them"
        ) {
            [MetricSample($0.proxy.diedWithServer)]
        },
        .fleet(.counter, "paddler_retries_total", "Failed attempts after which the request got another chance") {
            [MetricSample($0.fleet.counters.retried)]
        },
        .fleet(
            .counter,
            "paddler_own_answers_total",
            labels: ["status"],
            "Answers that the balancer gave itself, /health and refusals, by status"
        ) { reading in
            let statuses = Set(reading.proxy.ownAnswers.keys).union(refusals)
            return statuses.sorted().map { MetricSample(reading.proxy.ownAnswers[$0] ?? 0, String($0)) }
        },
        .fleet(
            .counter,
            "paddler_access_log_lost_total",
            "Requests that are missing in the access log: its file took lines too slowly, or not at all"
        ) {
            [MetricSample($0.accessLogLost)]
        },
        .fleet(
            .counter,
            "paddler_trace_spans_lost_total",
            "Spans of traced requests that the collector didn't get: it wasn't reached, took them too slowly, or refused them"
        ) {
            [MetricSample($0.traceSpansLost)]
        },
    ]

    /// Shown from the start: whoever counts an increase must have seen the 0 before it.
    private static let refusals = [400, 401, 403, 408, 413, 429, 502, 503, 504]
}
