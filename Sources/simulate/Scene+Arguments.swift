public import ArgumentParser
public import SchedulingSimulation

extension Scene: ExpressibleByArgument {
    /// Of so many schedules of the scheduler; those of a fleet take longer.
    func share(of seeds: UInt64) -> UInt64 {
        switch self {
        case .scheduler: seeds
        case .fleet: max(1, seeds / 20)
        case .shares: max(1, seeds / 10)
        case .exchanges: seeds
        case .placement: max(1, seeds / 5)
        case .balancers: max(1, seeds / 10)
        case .picks: max(1, seeds / 2)
        }
    }

    /// In a schedule, unless told otherwise.
    var steps: Int {
        switch self {
        case .scheduler: 1000
        case .fleet: 300
        case .shares: 1000
        case .exchanges: 1000
        case .placement: 300
        case .balancers: 300
        case .picks: 1000
        }
    }
}
