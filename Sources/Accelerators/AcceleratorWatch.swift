public import AgentProtocol
public import Logging
public import ServiceLifecycle
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Looks at the GPUs of this machine again and again, for all agents of the process.
///
/// Nothing waits for it, and nothing fails for its sake: a tool that doesn't answer is killed, and what isn't known isn't said.
public final class AcceleratorWatch: Sendable {
    private let latest = Mutex<(accelerators: [Accelerator], at: ContinuousClock.Instant)?>(nil)
    private let source: AcceleratorSource?
    private let host: String
    private let logger: Logger

    /// What was seen then is no longer said.
    private static let staleness = Duration.seconds(60)

    /// - Parameter environment: whose `PATH` says where tools are. They get all of it but paddler's own variables, which may be
    ///   secrets.
    public convenience init(environment: [String: String], logger: Logger) {
        let source = AcceleratorSource(environment: environment)
        // Some systems look it up, and take their time for it.
        self.init(source: source, host: source == nil ? "" : ProcessInfo.processInfo.hostName, logger: logger)
    }

    init(source: AcceleratorSource?, host: String, logger: Logger) {
        self.source = source
        self.host = host
        self.logger = logger
    }

    /// What was seen last; nil: nothing, or too long ago. Any thread may ask.
    public var current: [Accelerator]? {
        latest.withLock { latest in
            guard let latest, .now - latest.at < Self.staleness else { return nil }
            return latest.accelerators
        }
    }

    /// Runs a service, and looks as long as that runs.
    public func running(beside service: any Service) -> some Service {
        WatchedService(watch: self, service: service)
    }

    /// Returns when cancelled, or at once where there is nobody to ask.
    func run() async {
        guard let source else { return }
        var pause = AcceleratorPause()
        var known: Set<String> = []
        while !Task.isCancelled {
            let found = await source.accelerators(host: host)
            if let found {
                latest.withLock { $0 = (found, .now) }
                note(found, &known)
            }
            // Cancelled: the loop sees it.
            try? await Task.sleep(for: pause.after(success: found != nil))
        }
    }

    private func note(_ found: [Accelerator], _ known: inout Set<String>) {
        for one in found where known.insert(one.id).inserted {
            logger.info("accelerator found", metadata: ["accelerator": "\(one.id)", "name": "\(one.name)"])
        }
    }
}
