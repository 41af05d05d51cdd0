/// Which upstream gets the next request.
public enum Balance: String, Sendable, CaseIterable {
    /// The one with the smallest share of its slots in use; of equals, the one with more idle slots. A llama-server computes
    /// its busy slots together, so that each is slower the more of them there are.
    case leastBusy = "least-busy"
    /// The one with most idle slots; of equals, the one with fewer in use.
    case mostIdle = "most-idle"
}
