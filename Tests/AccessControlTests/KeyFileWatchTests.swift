import Foundation
import Logging
import Testing

@testable import AccessControl

@Suite("Files of keys")
struct KeyFileWatchTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path()

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    private func admits(_ door: KeySource, _ key: String) -> Bool {
        let bytes = Array(key.utf8)
        return door.ring.admits(bytes.span)
    }

    @Test("a change is noticed, keys given otherwise stay, and a file that can't be read changes nothing")
    func changes() async throws {
        try write("first\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let door = try KeySource(keys: ["fixed"], file: KeyFile(path: path, flag: "--api-key-file"))
        let watch = KeyFileWatch(sources: [door], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(admits(door, "first") && admits(door, "fixed"))

        try write("second\nthird\n")
        await watch.look(force: false)
        #expect(!admits(door, "first") && admits(door, "second") && admits(door, "third") && admits(door, "fixed"))

        try FileManager.default.removeItem(atPath: path)
        await watch.look(force: false)
        #expect(admits(door, "second") && admits(door, "fixed"))

        try write("fourth\n")
        await watch.look(force: true)
        #expect(!admits(door, "second") && admits(door, "fourth"))
    }

    @Test("a file that isn't there is said to be so at the start")
    func missing() {
        let failure = #expect(throws: KeyFileFailure.self) {
            try KeySource(keys: [], file: KeyFile(path: path, flag: "--api-key-file"))
        }
        #expect(failure?.description == "--api-key-file: \(path): there is no such file")
    }

    @Test("a door stands open only without keys and without a file")
    func open() throws {
        try write("# none yet\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try !admits(KeySource(keys: [], file: KeyFile(path: path, flag: "f")), ""))
        #expect(try admits(KeySource(keys: [], file: nil), ""))
    }
}
