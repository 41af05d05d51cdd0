import Scheduling

extension Metric {
    /// The state of each upstream.
    static let ofUpstreams: [Metric] = [
        .upstreamState(
            "paddler_upstream_info",
            unit: .flag,
            labels: UpstreamReading.infoLabelNames,
            "Always 1; says which model it serves and which llama-server it is"
        ) {
            MetricSample(.integer(1), labels: $0.infoLabels)
        },
        .upstreamState(
            "paddler_upstream_usable",
            unit: .flag,
            "Whether requests are sent to it",
            whenLost: { _ in MetricSample(false) }
        ) {
            MetricSample($0.snapshot.isUsable)
        },
        .upstreamState(
            "paddler_upstream_lost",
            unit: .flag,
            "Whether its agent went without a word and nobody has spoken for it since",
            whenLost: { _ in MetricSample(true) }
        ) {
            MetricSample($0.snapshot.loss != nil)
        },
        .upstreamState(
            "paddler_upstream_draining",
            unit: .flag,
            "Whether an operator drains it or its agent is about to stop",
            whenLost: { MetricSample($0.isDraining) }
        ) {
            MetricSample($0.snapshot.isDraining || $0.snapshot.isLeaving)
        },
        .upstreamState(
            "paddler_upstream_ejected",
            unit: .flag,
            "Whether it is ejected: sent nothing for a while after failures"
        ) {
            MetricSample($0.snapshot.ejectedFor != nil)
        },
        .upstreamState(
            "paddler_upstream_sleeping",
            unit: .flag,
            "Whether llama-server sleeps, to be woken by a request"
        ) {
            MetricSample($0.snapshot.isSleeping)
        },
        .upstreamState("paddler_upstream_report_age_seconds", unit: .seconds, "How long ago its agent said something") {
            MetricSample(seconds: $0.snapshot.sinceLastReport)
        },
        .upstreamState("paddler_upstream_slots", "All its slots") {
            MetricSample($0.snapshot.slotsTotal)
        },
        .upstreamState("paddler_upstream_slots_idle", "Slots that nothing runs in") {
            MetricSample(max(0, $0.snapshot.slotsIdle))
        },
        .upstreamState("paddler_upstream_slots_leased", "Slots in use by requests of this balancer") {
            MetricSample($0.snapshot.slotsLeased)
        },
        .upstreamState(
            "paddler_upstream_slots_cooling",
            "Slots whose client has left, until a report shows them idle"
        ) {
            MetricSample($0.snapshot.slotsCooling)
        },
        .upstreamState("paddler_upstream_slots_foreign", "Slots in use by others than this balancer") {
            MetricSample($0.snapshot.slotsForeign)
        },
        .upstreamState(
            "paddler_upstream_slots_others",
            "Slots in use by other balancers, as they tell; part of those in use by others"
        ) {
            MetricSample($0.snapshot.slotsOthers)
        },
    ]
}
