import Logging
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What was learned of models: what they take, and the ports by which balancers know their servers. Kept in a file from one start
/// to the next.
final class ModelBook: Sendable {
    private struct Entry: Codable, Equatable {
        var memoryBytes: Int?
        /// Of the model's file, when it was measured: another file of the same name is another model.
        var fileBytes: Int?
        var port: Int?

        enum CodingKeys: String, CodingKey {
            case memoryBytes = "memory_bytes"
            case fileBytes = "file_bytes"
            case port
        }
    }

    private let folder: URL
    /// nil: another process has the folder, whose ports aren't to be had.
    private let lock: FolderLock?
    private let entries: Mutex<[String: Entry]>
    private let logger: Logger

    private static let fileName = "models.json"

    /// - Parameter folder: of `--state-dir`. A file in it that can't be read counts as none.
    init(folder: String, logger: Logger) {
        self.folder = URL(fileURLWithPath: folder)
        self.logger = logger
        try? FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        do throws(FolderLock.Refusal) {
            lock = try FolderLock(folder)
        } catch {
            lock = nil
            if error == .isTaken {
                logger.warning(
                    "another process has the ports that are kept in this folder: others are chosen at each start",
                    metadata: ["folder": "\(folder)"]
                )
            }
        }
        let data = try? Data(contentsOf: self.folder.appending(path: Self.fileName))
        entries = Mutex(data.flatMap { try? JSONDecoder().decode([String: Entry].self, from: $0) } ?? [:])
    }

    /// - Parameter fileBytes: of the model's file; nil: it has none.
    /// - Returns: nil: that isn't known.
    func bytes(of model: String, fileBytes: Int?) -> Int? {
        guard let entry = entries.withLock({ $0[model] }), entry.fileBytes == fileBytes else { return nil }
        return entry.memoryBytes.map { max(1, $0) }
    }

    /// Where its server listened last; nil: that isn't known.
    func port(of model: String) -> Int? { lock == nil ? nil : entries.withLock { $0[model]?.port } }

    /// Writes a small file, unless it says nearly the same.
    func note(_ bytes: Int, of model: String, fileBytes: Int?) {
        let old = self.bytes(of: model, fileBytes: fileBytes) ?? 0
        guard abs(bytes - old) > bytes / 20 else { return }
        change { entries in
            entries[model, default: Entry()].memoryBytes = bytes
            entries[model]?.fileBytes = fileBytes
        }
    }

    func note(ports: [String: Int]) {
        guard lock != nil else { return }
        change { entries in
            for (model, port) in ports { entries[model, default: Entry()].port = port }
        }
    }

    private func change(_ body: (inout [String: Entry]) -> Void) {
        let changed = entries.withLock { entries -> [String: Entry]? in
            let before = entries
            body(&entries)
            return entries == before ? nil : entries
        }
        guard let changed else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        do {
            try encoder.encode(changed).write(to: folder.appending(path: Self.fileName), options: .atomic)
        } catch {
            logger.warning(
                "what was learned of models can't be kept",
                metadata: ["folder": "\(folder.path)", "reason": "\(error)"]
            )
        }
    }
}
