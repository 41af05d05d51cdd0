/// Where and how agents and balancers talk: one HTTP/1.1 request that lasts, with lines of JSON in both directions.
///
/// The request's body is the agent's: `hello`, then reports, samples, heartbeats and answers, and `goodbye` before it ends. The
/// response's body is the balancer's: `welcome`, then demands and questions, or `refused` before it ends. Each side ignores fields
/// and messages that it doesn't know, so that either may be updated first.
///
/// There are HTTP clients that read no answer while their request's body goes on. For them a connection may be *divided*: a
/// request at ``dividedPath(agentID:connectionID:)``, whose body, if it has one, is the first lines that the agent says, and
/// whose response is the balancer's as above; and for what the agent says then, one request after the other at
/// ``linesPath(agentID:connectionID:)``, each with one or more whole lines, answered 204 when they are taken and 404 when the
/// connection is over. The balancer says an empty line every ``signOfLifeInterval``, so that each side notices when the other
/// is gone.
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

    // MARK: - Divided

    /// The route, with `{connectionID}` standing for an identity of the connection that nobody can guess.
    public static let dividedPathTemplate = "/api/v1/agents/{agentID}/connections/{connectionID}"
    /// The route of the agent's further lines.
    public static let linesPathTemplate = dividedPathTemplate + "/lines"

    /// - Parameters:
    ///   - agentID: of letters, digits and hyphens.
    ///   - connectionID: the same; a UUID, made for this connection.
    public static func dividedPath(agentID: String, connectionID: String) -> String {
        "/api/v1/agents/\(agentID)/connections/\(connectionID)"
    }

    /// - Parameters: as of ``dividedPath(agentID:connectionID:)``.
    public static func linesPath(agentID: String, connectionID: String) -> String {
        dividedPath(agentID: agentID, connectionID: connectionID) + "/lines"
    }

    /// The most that one request's body may have of a divided connection.
    public static let maximumLinesBytes = 2 * maximumLineBytes

    /// How often the balancer says at least something over a divided connection.
    public static let signOfLifeInterval = Duration.seconds(5)
}
