import Foundation
import Logging
import Synchronization
import Testing

@testable import AccessControl

@Suite("Files of keys")
final class FileWatchTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
    private var path: String { folder.appending(path: "keys").path() }

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ text: String, to name: String = "keys", atomically: Bool = true) throws {
        try Data(text.utf8).write(to: folder.appending(path: name), options: atomically ? .atomic : [])
    }

    private func link(_ name: String, to destination: String) throws {
        let new = folder.appending(path: "\(name).new").path()
        try FileManager.default.createSymbolicLink(atPath: new, withDestinationPath: destination)
        guard rename(new, folder.appending(path: name).path()) == 0 else { throw POSIXError(.EIO) }
    }

    private func admits(_ door: KeySource, _ key: String) -> Bool {
        let bytes = Array(key.utf8)
        return door.ring.admits(bytes.span)
    }

    private func door(keys: [String] = []) throws -> KeySource {
        try KeySource(keys: keys, file: OperatorFile(path: path, flag: "--api-key-file"))
    }

    private func watch(_ door: KeySource) -> FileWatch {
        FileWatch(
            sources: [door.watched].compactMap(\.self),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// What a file says that stays as it is.
    private func look(_ watch: FileWatch, at second: Int) async {
        await watch.look(at: .seconds(second))
        await watch.look(at: .seconds(second + 2))
    }

    @Test("a change is noticed, keys given otherwise stay, and a file that can't be read changes nothing")
    func changes() async throws {
        try write("first\n")
        let door = try door(keys: ["fixed"])
        let watch = watch(door)
        #expect(admits(door, "first") && admits(door, "fixed"))

        try write("second\nthird\n")
        await look(watch, at: 1)
        #expect(!admits(door, "first") && admits(door, "second") && admits(door, "third") && admits(door, "fixed"))

        try FileManager.default.removeItem(atPath: path)
        await look(watch, at: 5)
        #expect(admits(door, "second") && admits(door, "fixed"))

        try write("fourth\n")
        await watch.obey()
        #expect(!admits(door, "second") && admits(door, "fourth"))
    }

    @Test("a key is revoked by the swap of any link on the way to its file", arguments: ["keys", "..data", "v1"])
    func links(swapped: String) async throws {
        for (version, key) in [("a", "old\n"), ("b", "new\n")] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: version),
                withIntermediateDirectories: true
            )
            try write(key, to: "\(version)/keys")
        }
        try link("v1", to: "a")
        try link("..data", to: "v1")
        try link("keys", to: "..data/keys")
        let door = try door()
        let watch = watch(door)
        #expect(admits(door, "old"))

        try link(swapped, to: swapped == "keys" ? "b/keys" : "b")
        await look(watch, at: 1)
        #expect(!admits(door, "old") && admits(door, "new"))
    }

    @Test("a key is revoked by contents of the same size under the same time stamp", arguments: [true, false])
    func sameStamp(replaced: Bool) async throws {
        let stamp = Date(timeIntervalSince1970: 1_700_000_000)
        try write("old\n")
        try FileManager.default.setAttributes([.modificationDate: stamp], ofItemAtPath: path)
        let door = try door()
        let watch = watch(door)
        await look(watch, at: 1)

        try write("new\n", atomically: replaced)
        try FileManager.default.setAttributes([.modificationDate: stamp], ofItemAtPath: path)
        await look(watch, at: 5)
        #expect(!admits(door, "old") && admits(door, "new"))
    }

    @Test("a file that is written anew in place opens for no half key and locks nobody out meanwhile")
    func inPlace() async throws {
        try write("old\n")
        let door = try door()
        let watch = watch(door)
        for (step, text) in ["", "ne", "new-k", "new-key\n"].enumerated() {
            try write(text, atomically: false)
            await watch.look(at: .seconds(10) + .milliseconds(300 * step))
            #expect(admits(door, "old") && !admits(door, "ne") && !admits(door, "new-k"))
        }
        await watch.look(at: .seconds(12))
        #expect(!admits(door, "old") && admits(door, "new-key"))
    }

    @Test("what is no regular file is read once, since a pipe could hold up every later look")
    func device() async throws {
        try link("keys", to: "/dev/zero")
        #expect(OperatorFile(path: path, flag: "--api-key-file").look() == nil)
    }

    @Test("contents that can't be used change nothing, on SIGHUP neither, until the next ones")
    func useless() async throws {
        try write("one\n")
        let file = OperatorFile(path: path, flag: "--models-file")
        let taken = Mutex<[String]>([])
        let words = WatchedSource.Words(taken: "read again", held: "stays", whenEmpty: "that says nothing")
        let source = WatchedSource(file, contents: try file.contents(), words) { contents throws(FileFailure) in
            let text = String(decoding: contents, as: UTF8.self)
            guard text != "bad\n" else { throw FileFailure(file: file, reason: "line 1: no") }
            taken.withLock { $0.append(text) }
            return 1
        }
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in LineHandler { line in lines.withLock { $0.append(line) } } }
        let watch = FileWatch(sources: [source], logger: logger)
        try write("bad\n")
        await look(watch, at: 1)
        await look(watch, at: 5)
        #expect(taken.withLock { $0 } == [] && lines.withLock { $0 } == ["error: stays: line 1: no"])
        await watch.obey()
        try write("two\n")
        await look(watch, at: 9)
        #expect(taken.withLock { $0 } == ["two\n"])
        #expect(
            lines.withLock { $0 } == ["error: stays: line 1: no", "error: stays: line 1: no", "info: read again: "]
        )
    }

    @Test("a file that isn't there is said to be so at the start")
    func missing() {
        let failure = #expect(throws: FileFailure.self) { try door() }
        #expect(failure?.description == "--api-key-file: \(path): there is no such file")
    }

    @Test("a door stands open only without keys and without a file")
    func open() throws {
        try write("# none yet\n")
        #expect(try !admits(KeySource(keys: [], file: OperatorFile(path: path, flag: "f")), ""))
        #expect(try admits(KeySource(keys: [], file: nil), ""))
    }
}

/// Hands on level, message and reason of each line.
private struct LineHandler: LogHandler {
    let write: @Sendable (String) -> Void
    var logLevel = Logger.Level.trace
    var metadata = Logger.Metadata()

    init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        write("\(event.level): \(event.message): \(event.metadata?["reason"].map { "\($0)" } ?? "")")
    }
}
