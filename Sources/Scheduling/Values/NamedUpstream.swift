/// An upstream that somebody means, or may mean, by name.
public struct NamedUpstream: Equatable, Sendable {
    public let id: UpstreamID
    public let route: UpstreamRoute
    /// Who speaks for it.
    public let agent: AgentID
    /// What people call it: its agent's name, the agent's id where that name is missing or another one's, too.
    public let word: String
    /// Requests are sent here: see ``UpstreamSnapshot/isUsable``.
    public let isUsable: Bool
    /// It can be asked, though nothing new may be wanted to run there.
    public let isReady: Bool

    public init(
        id: UpstreamID,
        route: UpstreamRoute,
        agent: AgentID,
        word: String,
        isUsable: Bool = true,
        isReady: Bool = true
    ) {
        self.id = id
        self.route = route
        self.agent = agent
        self.word = word
        self.isUsable = isUsable
        self.isReady = isReady
    }
}
