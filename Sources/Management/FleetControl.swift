public import LlamaServer
public import Scheduling

/// What management asks of the scheduler's shell. Any thread may call it.
public protocol FleetControl: Sendable {
    /// The clock by which reports are measured.
    func now() -> Instant
    /// Registers an upstream or updates it.
    func reported(_ report: UpstreamReport)
    /// An agent said goodbye, or its connection ended.
    func agentLeft(_ agent: AgentID)
    /// Sends nothing more to the upstream with this address, or does so again.
    func setDraining(_ address: NetworkAddress, _ isDraining: Bool)
    /// A copy of the fleet and the queue.
    func snapshot() -> FleetSnapshot
}
