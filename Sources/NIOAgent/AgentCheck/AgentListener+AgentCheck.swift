import LlamaServer
import Logging
import NIOCore

extension AgentListener {
    /// For an HAProxy that asks for the slots which are free to it (its `agent-check`).
    ///
    /// - Parameter address: nil: nowhere.
    /// - Throws: ``Failure`` when the address can't be listened on.
    static func agentCheck(
        on address: NetworkAddress?,
        logger: Logger,
        answer: @escaping @Sendable () -> AgentCheckAnswer
    ) async throws -> AgentListener? {
        try await listen(on: address, for: .agentCheck, logger: logger) { pipeline in
            try pipeline.addHandler(AgentCheckHandler(answer: answer))
        }
    }
}
