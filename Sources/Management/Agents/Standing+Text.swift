import LlamaServer
import Scheduling

extension Standing {
    /// For an agent that isn't listened to: why, and what to do. nil: it is.
    func text(for address: NetworkAddress) -> String? {
        switch self {
        case .speaks:
            nil
        case .waits(let owner, let name):
            "another agent, \(name.map { "\($0) (\(owner))" } ?? "\(owner)"), speaks for \(address); this one is heard when "
                + "that one stops. If they watch two servers, give each the address at which the balancer reaches it "
                + "(--external-llamacpp-addr)"
        case .changesTooOften(let limit):
            "\(address) or this agent has come and gone more than \(limit) times within a minute; it is heard again in a "
                + "minute"
        case .isBalancer:
            "\(address) is where this balancer itself listens: give the agent the address of its llama-server "
                + "(--external-llamacpp-addr)"
        case .tooMany(let limit):
            "the balancer has \(limit) servers and takes no more (see its --max-agents)"
        }
    }
}
