/// When what is asked.
struct WatchIntervals: Sendable {
    /// From one question about the health to the next, and the longest wait for an answer.
    var health: Duration
    /// From one look at the slots to the next, without a reason.
    var monitoring: Duration
    /// From the end of one look at the slots to the next, with a reason. llama-server notices that the client of a
    /// non-streaming request has gone only when no task at all ends for a second, and each look is a task.
    var peace = Duration.seconds(1)
    /// The longest wait for an answer to anything but health. A server that computes a long prompt is late, not dead.
    var patience = Duration.seconds(10)

    init(health: Duration = .seconds(1), monitoring: Duration = .seconds(5)) {
        self.health = health
        self.monitoring = monitoring
    }

    init(_ configuration: AgentConfiguration) {
        self.init(health: configuration.healthInterval, monitoring: configuration.monitoringInterval)
    }

    func limit(of probe: Probe) -> Duration {
        switch probe {
        case .health: health
        case .props, .models, .slots: patience
        }
    }
}
