/// What is asked of several servers, and answered with what they say together.
enum FleetQuestion {
    case metrics
    case models

    var path: String {
        switch self {
        case .metrics: "/metrics"
        // Its other names have the same answer.
        case .models: "/v1/models"
        }
    }
}
