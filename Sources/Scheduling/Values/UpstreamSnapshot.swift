public import LlamaServer

/// One upstream as it was when the snapshot was taken.
public struct UpstreamSnapshot: Equatable, Sendable {
    public package(set) var id: UpstreamID
    public package(set) var address: NetworkAddress
    public package(set) var usesTLS: Bool
    /// nil: the agent has left, and leases of its time are still running.
    public package(set) var agent: AgentID?
    public package(set) var name: String?
    public package(set) var condition: Condition
    /// Requests are sent here: an agent speaks for it and isn't silent, it is ready, not draining, not leaving, not ejected.
    public package(set) var isUsable: Bool
    /// An operator drains it.
    public package(set) var isDraining: Bool
    /// Its agent is about to stop.
    public package(set) var isLeaving: Bool
    /// The agent has said nothing for longer than it announced.
    public package(set) var isSilent: Bool
    public package(set) var isSleeping: Bool
    /// For how much longer nothing is sent here after failures; nil when it isn't ejected.
    public package(set) var ejectedFor: Duration?
    /// How many ejections there have been in a row, without an answer in between.
    public package(set) var ejectionsInARow: Int

    public package(set) var slotsTotal: Int
    /// Used by requests of this balancer.
    public package(set) var slotsLeased: Int
    /// Used by requests whose client has left, until a sample shows them idle.
    public package(set) var slotsCooling: Int
    /// Used by others, as far as other balancers tell and the last sample showed.
    public package(set) var slotsForeign: Int
    /// How many of these are other balancers', by their own word.
    public package(set) var slotsOthers: Int
    /// What is left. Below 0 when a report shrank the total under the leases.
    public package(set) var slotsIdle: Int
    /// Leased, cooling and foreign.
    public var slotsProcessing: Int { slotsLeased + slotsCooling + slotsForeign }

    public package(set) var models: [String]
    /// What it was started for; nil: nobody says.
    public package(set) var role: ServerRole?
    public package(set) var contextSize: Int?
    public package(set) var build: String?
    /// How many times as much it may be given as one of weight 1.
    public package(set) var weight: Int
    /// How many times as fast as the slowest of its model, as far as answers tell: 1, 3, 8 or 16.
    public package(set) var speed: Int
    /// nil: nobody loads and unloads it.
    public package(set) var residency: Residency?
    /// Of its machine; other upstreams of that have the same.
    public package(set) var accelerators: [Accelerator]
    public package(set) var sinceLastReport: Duration
    /// nil: there has been no sample.
    public package(set) var sinceLastSample: Duration?
    /// It went without a word: since when, and how; what it still runs is being brought to its end.
    public package(set) var loss: LostUpstream?
    /// The second agent that says that it speaks for it.
    public package(set) var claim: Claim?
    package let rank: UpstreamRank
}
