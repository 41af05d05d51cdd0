public import LlamaServer

/// An upstream whose agent went without a word, as it was known last.
public struct LostUpstream: Equatable, Sendable {
    public package(set) var address: NetworkAddress
    /// The agent that spoke for it.
    public package(set) var agent: AgentID
    public package(set) var name: String?
    public package(set) var since: Instant
    /// Never one that isn't a loss.
    public package(set) var reason: Departure
    public package(set) var lastReport: Instant
    public package(set) var condition: Condition
    public package(set) var models: [String]
    public package(set) var role: ServerRole?
    public package(set) var contextSize: Int?
    public package(set) var build: String?
    /// An operator drains it: it would get nothing if it came back.
    public package(set) var isDraining = false
}
