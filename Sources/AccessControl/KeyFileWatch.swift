public import Logging
public import ServiceLifecycle
import UnixSignals

/// Keeps rings of keys up to date with their files: looks every second whether one has changed, and reads all again on
/// SIGHUP.
///
/// A file that is missing, unreadable, empty or half written leaves the keys as they are (``WatchedFile``).
public actor KeyFileWatch: Service {
    private static let interval: Duration = .seconds(1)

    private let logger: Logger
    private let start = ContinuousClock.now
    private var entries: [Entry]

    private struct Entry {
        let source: KeySource
        let file: KeyFile
        var watched: WatchedFile
    }

    public init(sources: [KeySource], logger: Logger) {
        self.logger = logger
        entries = sources.compactMap { source in
            source.file.map { file in
                Entry(source: source, file: file.file, watched: WatchedFile(file.contents))
            }
        }
    }

    /// Runs until a graceful shutdown or cancellation. SIGHUP is taken care of even if there is no file at all: it must not
    /// end the process.
    public func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        for entry in entries { remark(on: entry.watched.contents, of: entry.file) }
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
            guard let look = entries[index].file.look() else { continue }
            carryOut(entries[index].watched.see(look, at: now), entries[index])
        }
    }

    /// What SIGHUP asks for.
    func obey() {
        for index in entries.indices {
            guard let look = entries[index].file.look() else { continue }
            carryOut(entries[index].watched.obey(look), entries[index])
        }
    }

    private func carryOut(_ decision: WatchedFile.Decision, _ entry: Entry) {
        switch decision {
        case .nothing: return
        case .hold(let reason): warn("keys stay as they are", entry.file, reason)
        case .take(let contents):
            let count = entry.source.take(contents)
            logger.info("keys read again", metadata: ["file": "\(entry.file.path)", "count": "\(count)"])
            remark(on: contents, of: entry.file)
        }
    }

    private func remark(on contents: [UInt8], of file: KeyFile) {
        for remark in KeyFileRemark.all(on: contents, mode: file.mode()) {
            warn("the file of keys is odd", file, remark.description)
        }
    }

    private func warn(_ message: Logger.Message, _ file: KeyFile, _ reason: String) {
        logger.warning(message, metadata: ["file": "\(file.path)", "reason": "\(reason)"])
    }
}
