#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Files of this repository that are checked against the program.
enum Repository {
    /// Set: those that the program could have written are written anew, instead of being found different.
    static var updates: Bool { ProcessInfo.processInfo.environment["UPDATE_EXPECTED"] != nil }

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: url(path)), as: UTF8.self)
    }

    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: url(path))
    }

    private static func url(_ path: String) -> URL {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        return URL(filePath: "/\(root)/\(path)")
    }
}
