import Scheduling

extension Metric {
    static let ofQueue: [Metric] = [
        .fleet(.gauge, "paddler_requests_buffered", "Requests that wait in the queue for a slot") {
            [MetricSample($0.fleet.queued)]
        },
        .fleet(.gauge, "paddler_queue_limit", "How many requests may wait") {
            [MetricSample($0.fleet.maximumQueued)]
        },
        .fleet(
            .gauge,
            "paddler_queue_oldest_wait_seconds",
            unit: .seconds,
            "How long the request at the head of the queue has waited; 0 when none waits"
        ) {
            [MetricSample(seconds: $0.fleet.oldestWait ?? .zero)]
        },
        .fleet(
            .histogram,
            "paddler_queue_wait_seconds",
            unit: .seconds,
            "How long requests waited for a slot, those that found one at once included"
        ) {
            [MetricSample($0.proxy.queueWait)]
        },
        .fleet(
            .gauge,
            "paddler_request_bodies_held_bytes",
            unit: .bytes,
            "Bytes of requests held in memory, heads and bodies, against --max-buffered-bytes"
        ) {
            [MetricSample($0.bytesHeld)]
        },
    ]
}
