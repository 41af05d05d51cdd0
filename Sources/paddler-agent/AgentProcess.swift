import Agent
import ArgumentParser
import LogLines
import Logging
import ProgramLife
import URLSessionAgent

/// An agent for as long as its process lives.
///
/// SIGTERM and SIGINT, which Ctrl-C is, ask it to leave; a second one, a second later or after that, ends the process at
/// once.
struct AgentProcess {
    private let agent: StandaloneAgent
    private let logger: Logger

    init(_ configuration: AgentConfiguration, logger: Logger) {
        agent = StandaloneAgent(configuration, logger: logger)
        self.logger = logger
    }

    /// - Throws: `ExitCode(1)` after one line on standard error when the agent failed.
    func run() async throws {
        // Before the agent starts, so that a signal in its first moments isn't fatal.
        let signals = ProcessSignals()
        defer { signals.end() }
        let wishes = signals.wishesToStop
        let stop = Latch()
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await agent.run { await stop.wait() } }
                group.addTask { await obey(wishes, opening: stop) }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            StandardError.say("error: \(error)")
            throw ExitCode(1)
        }
    }

    private func obey(_ signals: AsyncStream<CInt>, opening stop: Latch) async {
        let start = ContinuousClock.now
        var wishes = StopSignals()
        for await signal in signals {
            switch wishes.receive(at: start.duration(to: .now)) {
            case .stop:
                logger.info("stopping", metadata: ["signal": "\(signal)"])
                stop.open()
            case .ignore:
                logger.info("the same signal again within a second is taken for one", metadata: ["signal": "\(signal)"])
            case .stopAtOnce:
                logger.warning("stopping at once", metadata: ["signal": "\(signal)"])
                LogWriter.standardError.flush()
                PaddlerAgent.exit(withError: ExitCode(128 + signal))
            }
        }
    }
}
