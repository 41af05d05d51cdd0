import AgentRules

extension WatchIntervals {
    init(_ configuration: AgentConfiguration) {
        self.init(
            health: configuration.healthInterval,
            monitoring: configuration.monitoringInterval,
            stuck: configuration.stuckAfter > .zero ? configuration.stuckAfter : nil
        )
        restsWhileIdle = configuration.dialect == .current
    }
}
