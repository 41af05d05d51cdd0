import Foundation
import Testing

/// The clients in Python.
enum ClientScript {
    /// Set by `make test`; without it, tests that need it are skipped.
    static var isAvailable: Bool { python != nil }

    /// For those that drive one.
    static var hasBrowser: Bool { isAvailable && ProcessInfo.processInfo.environment["CHROMIUM"] != nil }

    private static var python: String? { ProcessInfo.processInfo.environment["TEST_PYTHON"] }

    /// Runs `Clients/NAME` and expects that all its checks pass.
    static func run(_ name: String, _ arguments: [String]) async throws {
        try await expectSuccess(of: start(name, arguments), name)
    }

    static func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
        guard let python else { throw HarnessFailure(description: "TEST_PYTHON isn't set: use make test") }
        let folder = URL(fileURLWithPath: #filePath).appendingPathComponent("../../Clients").standardizedFileURL
        return try ChildProcess(python, [folder.appendingPathComponent(name).path] + arguments)
    }

    static func expectSuccess(of script: ChildProcess, _ name: String) async throws {
        let exit = try await script.waitUntilExit(within: .seconds(300))
        #expect(exit == .code(0), "\(name): \(script.lines.suffix(20).joined(separator: "\n"))")
        #expect(script.lines.last == "all passed")
    }
}
