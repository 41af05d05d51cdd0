public import Logging
public import ServiceLifecycle
import UnixSignals

/// Keeps what is made of files up to date with them: looks every second whether one has changed, and reads all again on
/// SIGHUP.
///
/// A file that is missing, unreadable, empty, half written or of no use leaves everything as it is (``WatchedFile``).
public actor FileWatch: Service {
    private static let interval: Duration = .seconds(1)

    private let logger: Logger
    private let start = ContinuousClock.now
    private var entries: [Entry]

    private struct Entry {
        let source: WatchedSource
        var watched: WatchedFile
    }

    public init(sources: [WatchedSource], logger: Logger) {
        self.logger = logger
        entries = sources.map {
            Entry(source: $0, watched: WatchedFile($0.contents, whenEmpty: $0.words.whenEmpty))
        }
    }

    /// Runs until a graceful shutdown or cancellation. SIGHUP is taken care of even if there is no file at all: it must not
    /// end the process.
    public func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        for entry in entries { remark(on: entry.watched.contents, of: entry.source) }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in hangups.cancelOnGracefulShutdown() { await self.obey() }
            }
            group.addTask {
                try? await cancelWhenGracefulShutdown {
                    while true {
                        try await Task.sleep(for: self.pause)
                        await self.look(at: self.start.duration(to: .now))
                    }
                }
            }
        }
    }

    private var pause: Duration {
        entries.contains(where: \.watched.isSettling) ? WatchedFile.settlingTime : Self.interval
    }

    func look(at now: Duration) {
        for index in entries.indices {
            guard let look = entries[index].source.file.look() else { continue }
            carryOut(entries[index].watched.see(look, at: now), entries[index].source)
        }
    }

    /// What SIGHUP asks for.
    func obey() {
        for index in entries.indices {
            guard let look = entries[index].source.file.look() else { continue }
            carryOut(entries[index].watched.obey(look), entries[index].source)
        }
    }

    private func carryOut(_ decision: WatchedFile.Decision, _ source: WatchedSource) {
        switch decision {
        case .nothing: return
        case .hold(let reason): warn("\(source.words.held)", source.file, reason)
        case .take(let contents):
            do throws(FileFailure) {
                guard let count = try source.take(contents) else { return }
                logger.info("\(source.words.taken)", metadata: ["file": "\(source.file.path)", "count": "\(count)"])
                remark(on: contents, of: source)
            } catch {
                logger.error(
                    "\(source.words.held)",
                    metadata: ["file": "\(error.path)", "reason": "\(error.reason)"]
                )
            }
        }
    }

    private func remark(on contents: [UInt8], of source: WatchedSource) {
        for remark in source.remarks(contents) { warn("\(source.words.odd)", source.file, remark) }
    }

    private func warn(_ message: Logger.Message, _ file: OperatorFile, _ reason: String) {
        logger.warning(message, metadata: ["file": "\(file.path)", "reason": "\(reason)"])
    }
}
