import Foundation
import LlamaServer
import Logging
import RequestRecords
import Scheduling
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite("The access log", .timeLimit(.minutes(1)))
final class AccessLogTests {
    private let folder: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "/access-log-XXXXXX").utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        for name in [folder, folder + ".moved"] { try? FileManager.default.removeItem(atPath: name) }
    }

    private var path: String { folder + "/access.log" }

    private func log(_ path: String, capacity: Int = AccessLog.standardCapacity) throws -> AccessLog {
        try AccessLog(path: path, capacity: capacity, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func record(_ name: String) -> RequestRecord {
        var record = RequestRecord(.given(name), time: 0, arrived: Instant(nanoseconds: 0))
        record.ends(.answeredHere, at: Instant(nanoseconds: 1))
        return record
    }

    private func names(in path: String) throws -> [String] {
        struct Line: Decodable { let request_id: String }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return try text.split(separator: "\n").map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8)).request_id
        }
    }

    @Test("each record is a line, in the order of their ends, behind what the file had")
    func lines() throws {
        try #"{"request_id":"before"}"#.appending("\n").write(toFile: path, atomically: false, encoding: .utf8)
        let log = try log(path)
        for number in 0..<500 { log.add(record("\(number)")) }
        log.flush()
        #expect(try names(in: path) == ["before"] + (0..<500).map { "\($0)" })
        #expect(log.lost == 0)
    }

    @Test("a line comes by itself, without anybody asking for it")
    func byItself() throws {
        let reader = try pipe()
        defer { close(reader) }
        let log = try log(path)
        log.add(record("a"))
        let piece = try nextPiece(of: reader)
        #expect(piece.starts(with: #"{"time""#.utf8) && piece.last == UInt8(ascii: "\n"))
    }

    /// At ``path``.
    private func pipe() throws -> Int32 {
        try #require(mkfifo(path, 0o600) == 0)
        // Open for both, so that neither end waits for the other.
        return open(path, O_RDWR)
    }

    /// Waits until there is something.
    private func nextPiece(of pipe: Int32) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(pipe, &buffer, buffer.count)
        try #require(count > 0)
        return Array(buffer[..<count])
    }

    @Test("a file that was renamed has all lines until it is opened again, and the new one those after it")
    func reopened() throws {
        let log = try log(path)
        log.add(record("a"))
        log.flush()
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        log.add(record("b"))
        log.reopen()
        log.flush()
        log.add(record("c"))
        log.flush()
        #expect(try names(in: path + ".1") == ["a", "b"])
        #expect(try names(in: path) == ["c"])
    }

    @Test("where no new file can be opened, the old one goes on")
    func notReopened() throws {
        let log = try log(path)
        try FileManager.default.moveItem(atPath: folder, toPath: folder + ".moved")
        log.reopen()
        log.add(record("a"))
        log.flush()
        #expect(try names(in: folder + ".moved/access.log") == ["a"])
    }

    @Test("a file that can't be opened is said at once, with what to do")
    func impossible() {
        #expect {
            try log(folder + "/missing/access.log")
        } throws: { error in
            "\(error)" == """
                --access-log: cannot open \(folder)/missing/access.log: No such file or directory; give a file in a folder \
                that exists and may be written, or -
                """
        }
    }

    #if os(Linux)
        @Test("a full disk costs lines, which are counted, and nothing else")
        func full() throws {
            let log = try log("/dev/full")
            for number in 0..<10 { log.add(record("\(number)")) }
            log.flush()
            #expect(log.lost == 10)
        }
    #endif

    @Test("nobody waits for a reader that has stopped: what doesn't fit is counted, and every other line is whole")
    func blocked() throws {
        let reader = try pipe()
        defer { close(reader) }
        let log = try log(path, capacity: 1000)
        let count = 5000
        for number in 0..<count { log.add(record("\(number)")) }
        #expect(log.lost > 0)
        // The reader goes on.
        var text: [UInt8] = []
        var ends = 0
        while ends < count - log.lost {
            let piece = try nextPiece(of: reader)
            text += piece
            ends += piece.count { $0 == UInt8(ascii: "\n") }
        }
        let lines = text.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == count - log.lost)
        #expect(lines.allSatisfy { $0.first == UInt8(ascii: "{") && $0.last == UInt8(ascii: "}") })
    }
}
