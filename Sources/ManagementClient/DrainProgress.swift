/// How far the draining of a server has come.
public enum DrainProgress: Equatable, Sendable {
    /// Nothing runs there any more, or the server is gone.
    case done
    case running(Int)
    /// Somebody lets it take requests again.
    case undrained

    /// - Parameter address: the server's. Its agent's id may be another by now.
    public static func of(_ address: String, in agents: [ListedAgent]) -> DrainProgress {
        guard let agent = agents.first(where: { $0.address == address }) else { return .done }
        guard agent.slotsLeased > 0 else { return .done }
        // An agent that has gone takes the mark with it, not the requests.
        return agent.isDraining || agent.id.isEmpty ? .running(agent.slotsLeased) : .undrained
    }
}
