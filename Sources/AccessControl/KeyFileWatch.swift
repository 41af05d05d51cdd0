public import Logging
public import ServiceLifecycle
import UnixSignals

/// Keeps what comes out of files of keys up to date: looks every second whether one has changed, and reads all again on
/// SIGHUP.
///
/// A file that is missing, unreadable, empty or half written leaves the keys as they are (``WatchedFile``).
public actor KeyFileWatch: Service {
    private static let interval: Duration = .seconds(1)

    private let logger: Logger
    private let start = ContinuousClock.now
    private var entries: [Entry]

    private struct Entry {
        let file: KeyFile
        var watched: WatchedFile
        let take: Take
    }

    /// Puts new contents of a file into use.
    ///
    /// - Returns: how many keys are in use now.
    typealias Take = @Sendable (_ contents: [UInt8]) throws(KeyFileFailure) -> Int

    public init(sources: [KeySource], logger: Logger) {
        self.logger = logger
        entries = sources.compactMap { source in
            source.file.map { file in
                Entry(file: file.file, watched: WatchedFile(file.contents), take: { source.take($0) })
            }
        }
    }

    /// For whoever shows the first key of a file instead of asking for one.
    ///
    /// - Parameters:
    ///   - file: nil: there is none, and SIGHUP is merely survived.
    ///   - take: called with each new first key.
    /// - Throws: ``KeyFileFailure`` when the file can't be read now.
    public init(
        firstKeyOf file: KeyFile?,
        logger: Logger,
        take: @escaping @Sendable (String) -> Void
    ) throws(KeyFileFailure) {
        self.logger = logger
        guard let file else {
            entries = []
            return
        }
        entries = [
            Entry(file: file, watched: WatchedFile(try file.contents())) { contents throws(KeyFileFailure) in
                take(try file.firstKey(in: contents))
                return 1
            }
        ]
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
            do throws(KeyFileFailure) {
                let count = try entry.take(contents)
                logger.info("keys read again", metadata: ["file": "\(entry.file.path)", "count": "\(count)"])
                remark(on: contents, of: entry.file)
            } catch {
                warn("keys stay as they are", entry.file, error.reason)
            }
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
