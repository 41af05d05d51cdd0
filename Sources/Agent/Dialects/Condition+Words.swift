package import AgentProtocol

extension Condition {
    /// What is wrong, for balancers that have no fields for it; nil when nothing is.
    package var problem: String? {
        switch self {
        case .ready: nil
        case .loading: "llama-server is loading its model"
        case .down(let reason): "llama-server is down: \(reason)"
        case .unresponsive: "llama-server does not answer in time"
        case .stuck(let reason): "llama-server is stuck: \(reason)"
        case .unauthorized: "llama-server wants another API key"
        case .slotsDisabled: "llama-server was started without --slots"
        case .restarting(let reason): "llama-server is being started again: \(reason)"
        case .failing(let reason): "llama-server is failing: \(reason)"
        case .unloaded: "the model is not loaded"
        case .unexpected(let reason): reason
        }
    }
}
