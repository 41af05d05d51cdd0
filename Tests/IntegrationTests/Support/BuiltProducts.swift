import Foundation

/// Finds the executables that were built together with the tests.
enum BuiltProducts {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static func executable(_ name: String) throws -> String {
        let candidates = directories.map { $0 + "/" + name }
        guard let found = candidates.first(where: FileManager.default.isExecutableFile) else {
            throw Missing(description: "no \(name) in \(directories): run swift build first")
        }
        return found
    }

    private static var directories: [String] {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        // On macOS the test bundle is loaded by a program of Xcode's.
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardizedFileURL
        let named = ProcessInfo.processInfo.environment["PADDLER_PRODUCTS"].map { [$0] } ?? []
        return named + [bundle.deletingLastPathComponent().path, root.appendingPathComponent(".build/debug").path]
    }
}
