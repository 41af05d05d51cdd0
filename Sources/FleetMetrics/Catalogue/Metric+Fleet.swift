import Scheduling

extension Metric {
    /// The first two, and the first of the queue, are Paddler's, by their old names.
    static let ofFleet: [Metric] = [
        // Below 0 when a report shrank a total under the leases: nobody expects that of a number of slots, and StatsD
        // takes a number with a sign for a change.
        .fleet(.gauge, "paddler_slots_idle", "Slots of usable upstreams that nothing runs in") {
            [MetricSample(max(0, $0.fleet.summary.slotsIdle))]
        },
        .fleet(.gauge, "paddler_slots_processing", "Slots of usable upstreams that are in use, by whomever") {
            [MetricSample($0.fleet.summary.slotsProcessing)]
        },
        .fleet(.gauge, "paddler_slots", "All slots of usable upstreams") {
            [MetricSample($0.fleet.summary.slotsTotal)]
        },
        .fleet(.gauge, "paddler_upstreams_registered", "Upstreams for which an agent speaks") {
            [MetricSample($0.fleet.summary.registered)]
        },
        .fleet(.gauge, "paddler_upstreams_usable", "Upstreams that requests are sent to") {
            [MetricSample($0.fleet.summary.usable)]
        },
        .fleet(
            .gauge,
            "paddler_upstreams_lost",
            "Upstreams whose agents went without a word, until they are back or forgotten"
        ) {
            [MetricSample($0.fleet.lostCount)]
        },
        .fleet(.gauge, "paddler_upstreams_expected", "Upstreams for which an agent speaks, and those that are lost") {
            [MetricSample($0.fleet.summary.registered + $0.fleet.lostCount)]
        },
        .process(
            .gauge,
            "paddler_upstreams_left_out",
            "Upstreams without series of their own, since there are more than --metrics-upstreams; then what adds up is told of all together"
        ) {
            [MetricSample($0.upstreamsLeftOut)]
        },
        .fleet(
            .counter,
            "paddler_ejections_total",
            "Times an upstream was ejected: sent nothing for a while after failures"
        ) {
            [MetricSample($0.fleet.counters.ejections)]
        },
        .fleet(.counter, "paddler_agent_reports_total", "Reports of agents, those that were ignored included") {
            [MetricSample($0.fleet.counters.reports)]
        },
        .fleet(
            .counter,
            "paddler_agent_reports_ignored_total",
            "Reports about an upstream that another agent speaks for, or beyond the limit of upstreams"
        ) {
            [MetricSample($0.fleet.counters.reportsIgnored)]
        },
    ]
}
