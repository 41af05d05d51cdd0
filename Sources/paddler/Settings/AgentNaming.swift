/// Which names agents may speak for.
enum AgentNaming: String, CaseIterable, Sendable {
    case any, certificate
}
