import Foundation
import Testing

@testable import Usage

@Suite("A connection to SQLite", .timeLimit(.minutes(1)))
final class SQLiteConnectionTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).sqlite").path()

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @Test("a question that couldn't be asked stands in nobody's way")
    func questionInVain() throws {
        let writer = try SQLiteConnection(path, isReadOnly: false, patience: .zero)
        try writer.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        let reader = try SQLiteConnection(path, isReadOnly: true, patience: .zero)
        try writer.run("BEGIN EXCLUSIVE")
        #expect(throws: SQLiteFailure.self) { try reader.beginReading() }
        writer.undo()
        try reader.beginReading()
        #expect(try reader.number("SELECT a FROM t") == 1)
        reader.undo()
        #expect(try reader.reading { try reader.number("SELECT a FROM t") } == 1)
    }
}
