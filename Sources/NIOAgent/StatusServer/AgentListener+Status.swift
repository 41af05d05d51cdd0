import LlamaServer
import Logging
import NIOCore
import NIOHTTP1

extension AgentListener {
    /// For those who ask whether the agent runs and what it sees. It goes on while the agent drains.
    ///
    /// - Parameters:
    ///   - address: nil: nowhere.
    ///   - overview: its JSON.
    /// - Throws: ``Failure`` when the address can't be listened on.
    static func status(
        on address: NetworkAddress?,
        logger: Logger,
        overview: @escaping @Sendable () -> [UInt8]
    ) async throws -> AgentListener? {
        try await listen(on: address, for: .status, logger: logger) { pipeline in
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
            try pipeline.addHandler(StatusHandler { StatusAnswer(to: $0, overview: overview) })
        }
    }
}
