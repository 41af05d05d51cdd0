import Scheduling

/// What agents that have no connection said last, so that the log tells what changed and not what is said each second.
struct RegisteredTargets {
    enum News: Equatable {
        case agent
        case condition
        case left
        case nothing
    }

    private struct Target {
        var condition: Condition
        var heardAt: Instant
    }

    /// Of further agents it isn't known whether what they say is new.
    static let limit = 4096
    /// Who has said nothing for so long is forgotten, when there is need.
    static let memory: Duration = .seconds(60)

    private var targets: [AgentID: Target] = [:]
    private var lastTidied: Instant?

    var count: Int { targets.count }

    mutating func heard(_ report: UpstreamReport, at now: Instant) -> News {
        guard let known = targets[report.agent] else {
            tidy(at: now)
            guard targets.count < Self.limit else { return .nothing }
            targets[report.agent] = Target(condition: report.condition, heardAt: now)
            return .agent
        }
        targets[report.agent] = Target(condition: report.condition, heardAt: now)
        return known.condition == report.condition ? .nothing : .condition
    }

    mutating func left(_ agent: AgentID) -> News {
        targets.removeValue(forKey: agent) == nil ? .nothing : .left
    }

    private mutating func tidy(at now: Instant) {
        guard targets.count >= Self.limit else { return }
        // Looking through all of them at every stranger would be a way to keep the balancer busy.
        if let lastTidied, now - lastTidied < .seconds(1) { return }
        lastTidied = now
        targets = targets.filter { now - $0.value.heardAt < Self.memory }
    }
}
