import Scheduling

/// What happened in one or many schedules.
public struct SimulationTally: Sendable {
    public private(set) var schedules = 0
    public private(set) var steps = 0
    public private(set) var dispatched = 0
    public private(set) var queued = 0
    public private(set) var held = 0
    public private(set) var retried = 0
    public private(set) var rejected = 0
    public private(set) var cancelled = 0
    public private(set) var cooled = 0
    public private(set) var ejections = 0

    public init() {}

    init(schedules: Int = 1, steps: Int, _ counters: SchedulerCounters) {
        self.schedules = schedules
        self.steps = steps
        dispatched = counters.dispatched
        queued = counters.queued
        held = counters.held
        retried = counters.retried
        rejected = counters.rejected
        cancelled = counters.cancelled
        cooled = counters.cooled
        ejections = counters.ejections
    }

    public static func += (left: inout SimulationTally, right: SimulationTally) {
        left.schedules += right.schedules
        left.steps += right.steps
        left.dispatched += right.dispatched
        left.queued += right.queued
        left.held += right.held
        left.retried += right.retried
        left.rejected += right.rejected
        left.cancelled += right.cancelled
        left.cooled += right.cooled
        left.ejections += right.ejections
    }
}

extension SimulationTally: CustomStringConvertible {
    public var description: String {
        """
        \(schedules) schedules, \(steps) steps, \(dispatched) dispatched, \(queued) queued, \(held) held, \
        \(retried) retried, \(rejected) rejected, \(cancelled) cancelled, \(cooled) cooled, \(ejections) ejections
        """
    }
}
