import Scheduling

extension Metric {
    /// Of each model, as long as there are several: of one, the fleet's say the same.
    static let ofModels: [Metric] = [
        .model("paddler_model_slots_idle", "Slots of the model's usable upstreams that nothing runs in") {
            // As of the fleet's.
            max(0, $0.summary.slotsIdle)
        },
        .model("paddler_model_slots_processing", "Slots of the model's usable upstreams that are in use, by whomever") {
            $0.summary.slotsProcessing
        },
        .model("paddler_model_slots", "All slots of the model's usable upstreams") { $0.summary.slotsTotal },
        .model("paddler_model_upstreams_usable", "Upstreams of the model that requests are sent to") {
            $0.summary.usable
        },
        .model("paddler_model_requests_buffered", "Requests that wait in the queue for a slot of the model") {
            $0.queued
        },
    ]
}
