import ArgumentParser
import LogLines
import Logging
import ProgramLife
import ServiceLifecycle
import UnixSignals

/// Runs a service for as long as the process lives.
///
/// SIGTERM and SIGINT ask it to end gracefully; a second one, a second later or after that, ends the process at once.
struct ProcessLife {
    let logger: Logger

    /// - Parameter onStart: called when signals are obeyed, and the service is about to run.
    /// - Throws: `ExitCode(1)` after one line on standard error when the service failed.
    func run(_ service: any Service, onStart: () -> Void = {}) async throws {
        do {
            try await runUntilStopped(service, onStart: onStart)
        } catch {
            StandardError.say("error: " + String(describing: error).replacing("\n", with: " "))
            throw ExitCode(1)
        }
    }

    private func runUntilStopped(_ service: any Service, onStart: () -> Void) async throws {
        // Before the service starts, so that a signal in its first moments isn't fatal.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        onStart()
        // Without a name of its own it would be called by its description, which has the configuration in it, keys too.
        let named = ServiceGroupConfiguration.ServiceConfiguration(service: service, serviceName: logger.label)
        let group = ServiceGroup(configuration: .init(services: [named], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { await obey(signals, stopping: group) }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func obey(_ signals: UnixSignalsSequence, stopping group: ServiceGroup) async {
        let start = ContinuousClock.now
        var wishes = StopSignals()
        for await signal in signals {
            switch wishes.receive(at: start.duration(to: .now)) {
            case .stop:
                ServiceNotification.stopping.send()
                logger.info("stopping", metadata: ["signal": "\(signal)"])
                await group.triggerGracefulShutdown()
            case .ignore:
                logger.info("the same signal again within a second is taken for one", metadata: ["signal": "\(signal)"])
            case .stopAtOnce:
                logger.warning("stopping at once", metadata: ["signal": "\(signal)"])
                LogWriter.standardError.flush()
                Paddler.exit(withError: ExitCode(128 + signal.rawValue))
            }
        }
    }
}
