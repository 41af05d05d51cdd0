/// Another agent says that it speaks for an upstream, too.
public struct Claim: Equatable, Sendable {
    public package(set) var agent: AgentID
    public package(set) var name: String?
    public package(set) var since: Instant
}
