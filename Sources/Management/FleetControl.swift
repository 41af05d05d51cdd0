public import AccessControl
public import LlamaServer
public import Scheduling

/// What management asks of the scheduler's shell. Any thread may call it.
public protocol FleetControl: Sendable {
    /// The clock by which reports are measured.
    func now() -> Instant
    /// Registers an upstream or updates it.
    ///
    /// - Returns: whether this agent is listened to.
    @discardableResult
    func reported(_ report: UpstreamReport) -> Standing
    /// An agent has gone.
    func agentLeft(_ agent: AgentID, _ departure: Departure)
    /// How many slots of an agent's upstream requests of this balancer occupy.
    func leases(of agent: AgentID) -> Int
    /// A request of another balancer begins or ends at the upstream that this agent speaks for.
    func heard(_ news: PromptNews, of agent: AgentID)
    /// What prompts are hashed with; nil: nothing is made of them, and what others tell of theirs isn't to be heard.
    var promptSeed: PromptSeed? { get }
    /// Prompts are hashed with this from now on, if it is older than what they are hashed with now.
    ///
    /// - Returns: whether it is.
    func adopt(_ seed: PromptSeed) -> Bool
    /// An agent was refused before any report of it was handed on.
    func refused(_ agent: AgentID?, of address: NetworkAddress?, reason: String)
    /// Sends nothing more to the upstream with this address, or does so again.
    func setDraining(_ address: NetworkAddress, _ isDraining: Bool)
    /// An operator has seen that the upstream with this address is lost.
    ///
    /// - Returns: whether it was.
    func forgetLost(_ address: NetworkAddress) -> Bool
    /// An operator wants a model loaded or unloaded; its agent decides.
    ///
    /// - Returns: false if nobody loads and unloads what this agent speaks for.
    func ask(_ wish: ModelWish, of agent: AgentID) -> Bool
    /// A copy of the fleet and the queue.
    func snapshot() -> FleetSnapshot
    /// The same in numbers, without a copy: its cost doesn't grow with the fleet.
    func totals() -> FleetTotals
    /// The upstream with this address.
    func upstream(at address: NetworkAddress) -> UpstreamSnapshot?
    /// The upstream that this agent speaks for.
    func upstream(of agent: AgentID) -> UpstreamSnapshot?
    /// What became of the fleet lately, oldest first.
    func recentEvents() -> [FleetEvent]
    /// What would become of a request now, without anything being done or counted.
    ///
    /// - Parameters:
    ///   - asker: whose it is taken for.
    ///   - limit: of the servers that are told of.
    /// - Returns: nil for a path that takes no slot.
    func explain(_ request: AskedRequest, of asker: Asker, limit: Int) -> Explanation?
}
