public import AccessControl
import TransportSecurity

/// Which names agents may speak for: a value.
public enum AgentNames: Equatable, Sendable {
    /// Whatever they call themselves.
    case any
    /// Those that the agent's certificate is for; beside them these, which every agent may have that is let in.
    case certified(allowed: ModelPatterns)

    /// Why an agent may not speak for this name, in words for it and for the operator.
    ///
    /// - Parameters:
    ///   - name: nil: it has none.
    ///   - certificate: which it has shown; nil: none.
    /// - Returns: nil: it may.
    func objection(to name: String?, with certificate: ClientCertificate?) -> String? {
        guard case .certified(let allowed) = self else { return nil }
        guard let name else {
            return
                "an agent needs a --name here: one that its certificate is for, or that the balancer's --agent-allow lists"
        }
        if allowed.allows(name) || certificate?.include(name) == true { return nil }
        guard let certificate else {
            return "the agent calls itself \"\(name.prefix(100))\" and shows no certificate for that name: give it one "
                + "(--management-cert), or list the name in the balancer's --agent-allow"
        }
        return
            "the agent calls itself \"\(name.prefix(100))\", and its certificate is for \(certificate.shownNames): give it "
            + "one for its --name, or list the name in the balancer's --agent-allow"
    }
}
