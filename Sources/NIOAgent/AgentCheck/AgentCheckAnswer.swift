import Agent
import AgentProtocol
import AgentRules

/// What an HAProxy hears that asks how the llama-server is (its `agent-check`): a value.
///
/// `ready` and `drain` are never said: they would undo what an operator has set at the HAProxy.
struct AgentCheckAnswer: Equatable, Sendable {
    /// One line; empty: nothing is known yet, and nothing is to change.
    let line: String

    /// - Parameters:
    ///   - state: what the agent sees.
    ///   - leases: how many of its slots balancers have by their own word. Which of the others are the HAProxy's own, nobody
    ///     can tell, and so they are left to it.
    init(_ state: AgentState, leases: Int) {
        guard let server = state.server else {
            line = ""
            return
        }
        guard server.condition == .ready else {
            line = "down #\(Self.reason(server.condition))"
            return
        }
        guard let total = server.sample?.total else {
            line = ""
            return
        }
        // HAProxy takes 0 for "no limit" (its `server_parse_maxconn_change_request`). A single request waits in the llama-server.
        line = "up maxconn:\(max(1, total - leases))"
    }

    private static func reason(_ condition: Condition) -> String {
        let words = condition.problem ?? condition.kind
        // The line ends with the first control character.
        return String(words.prefix(200).map { $0.isASCII && !$0.isNewline && $0 >= " " ? $0 : " " })
    }
}
