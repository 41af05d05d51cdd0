#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file of a test's own, which is gone when nobody holds this any more.
final class TemporaryFile: Sendable {
    let path: String
    private let directory: URL

    init(_ text: String, name: String = "settings.yaml") throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "paddler-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: name)
        try Data(text.utf8).write(to: file)
        path = file.path
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }
}
