import Logging
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What models took when they ran, kept in a file from one start to the next.
final class MeasuredMemory: Sendable {
    private struct Entry: Codable {
        let memoryBytes: Int
        /// Of the model's file: another file of the same name is another model.
        let fileBytes: Int?

        enum CodingKeys: String, CodingKey {
            case memoryBytes = "memory_bytes"
            case fileBytes = "file_bytes"
        }
    }

    private let folder: URL
    private let entries: Mutex<[String: Entry]>
    private let logger: Logger

    private static let fileName = "models.json"

    /// - Parameter folder: of `--state-dir`. A file in it that can't be read counts as none.
    init(folder: String, logger: Logger) {
        self.folder = URL(fileURLWithPath: folder)
        self.logger = logger
        let data = try? Data(contentsOf: self.folder.appending(path: Self.fileName))
        entries = Mutex(data.flatMap { try? JSONDecoder().decode([String: Entry].self, from: $0) } ?? [:])
    }

    /// - Parameter fileBytes: of the model's file; nil: it has none.
    /// - Returns: nil: that isn't known.
    func bytes(of model: String, fileBytes: Int?) -> Int? {
        guard let entry = entries.withLock({ $0[model] }), entry.fileBytes == fileBytes else { return nil }
        return max(1, entry.memoryBytes)
    }

    /// Writes a small file, unless it says nearly the same.
    func note(_ bytes: Int, of model: String, fileBytes: Int?) {
        let old = self.bytes(of: model, fileBytes: fileBytes) ?? 0
        guard abs(bytes - old) > bytes / 20 else { return }
        let entries = entries.withLock { entries in
            entries[model] = Entry(memoryBytes: bytes, fileBytes: fileBytes)
            return entries
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try encoder.encode(entries).write(to: folder.appending(path: Self.fileName), options: .atomic)
        } catch {
            logger.warning(
                "what a model takes can't be kept",
                metadata: ["folder": "\(folder.path)", "reason": "\(error)"]
            )
        }
    }
}
