/// Whose protocol an agent speaks to its balancers.
public enum AgentDialect: String, CaseIterable, Sendable {
    /// Our own.
    case current
    /// Paddler 0.10's: a request for each report.
    case version010 = "0.10"
    /// Paddler 1.x's: one request whose body doesn't end.
    case version1 = "1.x"
}
