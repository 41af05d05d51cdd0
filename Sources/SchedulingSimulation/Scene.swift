/// What is simulated.
public enum Scene: String, CaseIterable, Sendable {
    /// The scheduler alone, with reports that are anything but the truth.
    case scheduler
    /// The scheduler with agents, their connections and a network between them.
    case fleet
    /// The scheduler with tenants who want more than there is.
    case shares
    /// Requests and responses on their way between clients and servers, byte by byte, before the scheduler.
    case exchanges
    /// Models that are loaded and unloaded on demand, of which more are wanted than there is memory for.
    case placement
    /// Several balancers over the same agents and servers.
    case balancers
    /// Envoys that ask where their requests go, and carry them themselves.
    case picks
}
