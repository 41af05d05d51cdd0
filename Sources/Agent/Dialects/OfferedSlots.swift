import AgentProtocol
import AgentRules

/// The slots that an older balancer is told of.
struct OfferedSlots: Equatable, Sendable {
    let idle: Int
    let processing: Int

    /// - Parameter isLeaving: whether nothing more is to be sent: then those that work are all there are.
    init(_ status: ServerStatus, isLeaving: Bool) {
        guard status.condition == .ready, let sample = status.sample else {
            idle = 0
            processing = 0
            return
        }
        idle = isLeaving ? 0 : sample.total - sample.processing
        processing = sample.processing
    }
}
