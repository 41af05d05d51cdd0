/// What is asked of several servers, and answered with what they say together.
enum FleetQuestion: Equatable {
    case metrics
    case models
    /// A change of all servers' adapters.
    case adapters

    /// Of a question that the balancer words itself; nil: each server gets what the client sent.
    var path: String? {
        switch self {
        case .metrics: "/metrics"
        // Its other names have the same answer.
        case .models: "/v1/models"
        case .adapters: nil
        }
    }
}
