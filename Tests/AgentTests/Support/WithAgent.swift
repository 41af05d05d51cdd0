import LlamaServer
import Logging
import ServiceLifecycle

@testable import Agent
@testable import NIOAgent
@testable import URLSessionAgent

/// Runs an agent for as long as the body runs, then shuts it down gracefully and waits for its end.
func withAgent(
    watching llama: NetworkAddress,
    reportingTo balancers: NetworkAddress...,
    key: String? = nil,
    heartbeat: Duration = .milliseconds(50),
    drainTimeout: Duration = .zero,
    modelKeeper: (any ModelKeeper)? = nil,
    logger: Logger? = nil,
    configure: (inout AgentConfiguration) -> Void = { _ in },
    _ body: (RunningAgent) async throws -> Void
) async throws {
    var configuration = AgentConfiguration(
        local: llama,
        external: NetworkAddress(host: "192.0.2.1", port: 8088),
        management: balancers,
        name: "rack 4",
        apiKey: key,
        // Only what a test provokes leads to a look at the slots.
        monitoringInterval: .seconds(3600),
        healthInterval: .milliseconds(200),
        heartbeatInterval: heartbeat,
        version: "1.2.3"
    )
    configuration.drainTimeout = drainTimeout
    configure(&configuration)
    let logger = logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    switch TestTransport.current {
    case .nio: try await withAgentService(configuration, modelKeeper, logger, body)
    case .urlSession: try await withStandaloneAgent(configuration, modelKeeper, logger, body)
    }
}

/// An agent that can be told to stop.
struct RunningAgent: Sendable {
    fileprivate let stop: @Sendable () async -> Void

    func triggerGracefulShutdown() async { await stop() }
}

private func withAgentService(
    _ configuration: AgentConfiguration,
    _ modelKeeper: (any ModelKeeper)?,
    _ logger: Logger,
    _ body: (RunningAgent) async throws -> Void
) async throws {
    let agent =
        if let modelKeeper {
            AgentService(configuration: configuration, modelKeeper: modelKeeper, logger: logger)
        } else {
            AgentService(configuration: configuration, logger: logger)
        }
    let group = ServiceGroup(services: [agent], logger: logger)
    try await withThrowingTaskGroup { tasks in
        tasks.addTask { try await group.run() }
        try await body(RunningAgent { await group.triggerGracefulShutdown() })
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

private func withStandaloneAgent(
    _ configuration: AgentConfiguration,
    _ modelKeeper: (any ModelKeeper)?,
    _ logger: Logger,
    _ body: (RunningAgent) async throws -> Void
) async throws {
    let agent =
        if let modelKeeper {
            StandaloneAgent(configuration, modelKeeper: modelKeeper, logger: logger)
        } else {
            StandaloneAgent(configuration, logger: logger)
        }
    let stop = Latch()
    try await withThrowingTaskGroup { tasks in
        tasks.addTask { try await agent.run { await stop.wait() } }
        try await body(RunningAgent { stop.open() })
        stop.open()
        try await tasks.waitForAll()
    }
}
