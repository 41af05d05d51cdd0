/// Where and how agents and balancers talk: one HTTP/1.1 request that lasts, with lines of JSON in both directions.
///
/// The request's body is the agent's: `hello`, then reports, samples, heartbeats and answers, and `goodbye` before it ends. The
/// response's body is the balancer's: `welcome`, then demands and questions, or `refused` before it ends. Each side ignores fields
/// and messages that it doesn't know, so that either may be updated first.
public enum AgentConnection {
    /// Those that are understood. An agent says the oldest one that has all that it says, so that an older balancer refuses
    /// what it would misunderstand, and takes the rest: 2 if its hello has a path prefix, else 1.
    public static let protocolVersions = 1...2

    /// The route, with `{agentID}` standing for the identity that an agent gives itself when it starts.
    public static let pathTemplate = "/api/v1/agents/{agentID}/connection"

    public static let contentType = "application/x-ndjson"

    /// The longest line that either side reads, its end not counted.
    public static let maximumLineBytes = 64 * 1024

    /// - Parameter agentID: of letters, digits and hyphens.
    public static func path(agentID: String) -> String {
        "/api/v1/agents/\(agentID)/connection"
    }
}
