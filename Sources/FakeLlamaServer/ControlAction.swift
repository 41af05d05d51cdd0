/// What the control endpoints ask for.
enum ControlAction: Sendable {
    case add(StandingFault)
    case clearFaults
    case resetCounts
}
