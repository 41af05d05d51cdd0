import Foundation
import Logging
import Testing

@testable import AccessControl

@Suite("Files of tenants")
final class TenantSourceTests {
    private let file = FileManager.default.temporaryDirectory.appending(path: "tenants-\(UUID().uuidString).yaml")

    deinit {
        try? FileManager.default.removeItem(at: file)
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private func name(_ source: TenantSource, _ key: String) -> String? {
        source.ring.current.tenant(showing: Array(key.utf8).span)?.name
    }

    @Test("a change counts, and a mistake leaves everything as it is")
    func changes() async throws {
        try write("tenants:\n  a: {keys: first}\n")
        let source = try TenantSource(path: file.path(), flag: "--tenants-file")
        let watch = FileWatch(
            sources: [source.watched],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        #expect(name(source, "first") == "a")
        let steps = [
            ("tenants:\n  b: {keys: second}\n", "second", "b"),
            ("tenants:\n  b: {keys: third, wait: 1}\n", "second", "b"),
            ("", "second", "b"), ("tenants:\n  b: {keys: second}\n  a: {keys: first}\n", "first", "a"),
        ]
        for (step, (text, key, expected)) in steps.enumerated() {
            try write(text)
            await watch.look(at: .seconds(step * 10))
            await watch.look(at: .seconds(step * 10 + 2))
            #expect(name(source, key) == expected)
            #expect(name(source, "third") == nil)
        }
    }

    @Test("a file that can't be used at the start says where and why")
    func start() throws {
        try write("tenants:\n  a: {weight: 0}\n")
        do {
            _ = try TenantSource(path: file.path(), flag: "--tenants-file")
            Issue.record("it was used")
        } catch {
            #expect(
                error.description
                    == "--tenants-file: \(file.path()): line 2: tenants: a: weight: must be from 1 to 1000"
            )
        }
    }
}
