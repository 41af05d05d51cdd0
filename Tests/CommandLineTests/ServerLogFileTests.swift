import Foundation
import Testing

@testable import Supervision

struct ServerLogFileTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

    @Test("what is printed is appended to what is there, in a folder that is made if need be")
    func appends() throws {
        try withFolder { folder in
            let path = folder.appending(path: "logs/m.log")
            for word in ["one", "two"] {
                let output = ServerOutput(file: ServerLogFile(path: path.path, logger: RecordedLines().logger))
                output.begin("started")
                _ = output.take("\(word)\ncut".utf8)
                output.note("gone")
                output.flush()
            }
            let written = try text(path)
            #expect(written == "started\none\ncut\ngone\nstarted\ntwo\ncut\ngone\n")
        }
    }

    @Test("at a size a new file is begun, and one old one is kept")
    func rotates() throws {
        try withFolder { folder in
            let path = folder.appending(path: "m.log")
            let file = ServerLogFile(path: path.path, largest: 10, logger: RecordedLines().logger)
            for word in ["first", "second", "third", "fourth"] {
                file.append("\(word)\n".utf8)
                file.flush()
            }
            let newest = try text(path)
            #expect(newest == "fourth\n")
            let older = try text(folder.appending(path: "m.log.1"))
            #expect(older == "third\n")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.count == 2)
        }
    }

    @Test("a file that can't be written is a line in the log, once, and so is one that can be again")
    func fails() throws {
        try withFolder { folder in
            let lines = RecordedLines()
            let path = folder.appending(path: "logs/m.log")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try "a file where the folder should be".write(
                to: folder.appending(path: "logs"),
                atomically: true,
                encoding: .utf8
            )
            let file = ServerLogFile(path: path.path, logger: lines.logger)
            for _ in 1...3 {
                file.append("lost\n".utf8)
                file.flush()
            }
            #expect(lines.all.count == 1 && lines.all[0].contains("can't be written"))
            try FileManager.default.removeItem(at: folder.appending(path: "logs"))
            for _ in 1...2 {
                file.append("kept\n".utf8)
                file.flush()
            }
            #expect(lines.all.count == 2 && lines.all[1].contains("is written again"))
            let kept = try text(path)
            #expect(kept == "kept\nkept\n")
        }
    }
}
