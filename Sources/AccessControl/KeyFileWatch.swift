public import Logging
public import ServiceLifecycle
import UnixSignals

/// Keeps rings of keys up to date with their files: looks every second whether one has changed, and reads all again
/// on SIGHUP.
///
/// A file that can't be read leaves the keys as they are: a slip of an editor must not lock everybody out.
public actor KeyFileWatch: Service {
    private static let interval: Duration = .seconds(1)

    private let sources: [KeySource]
    private let logger: Logger
    private var fingerprints: [KeyFile.Fingerprint?]

    public init(sources: [KeySource], logger: Logger) {
        self.sources = sources.filter { $0.file != nil }
        self.logger = logger
        fingerprints = self.sources.map { $0.file?.fingerprint() }
    }

    /// Runs until a graceful shutdown or cancellation. SIGHUP is taken care of even if there is no file at all: it must not
    /// end the process.
    public func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in hangups.cancelOnGracefulShutdown() { await self.look(force: true) }
            }
            group.addTask {
                try? await cancelWhenGracefulShutdown {
                    while true {
                        try await Task.sleep(for: Self.interval)
                        await self.look(force: false)
                    }
                }
            }
        }
    }

    func look(force: Bool) {
        for (index, source) in sources.enumerated() {
            guard let file = source.file else { continue }
            let fingerprint = file.fingerprint()
            guard force || fingerprint != fingerprints[index] else { continue }
            fingerprints[index] = fingerprint
            do throws(KeyFileFailure) {
                let keys = source.fixed.union(try file.keys())
                source.ring.replace(keys)
                logger.info("keys read again", metadata: ["file": "\(file.path)", "count": "\(keys.count)"])
            } catch {
                logger.error("keys stay as they are", error: error)
            }
        }
    }
}
