import AgentProtocol
import Testing

@Suite("Lines")
struct MessageLinesTests {
    @Test("lines are found however they are cut", arguments: 1...12)
    func cut(pieceLength: Int) throws {
        var lines = MessageLines()
        var found: [String] = []
        let bytes = Array("one\n\ntwo\r\nthree\n\r\nrest".utf8)
        for start in stride(from: 0, to: bytes.count, by: pieceLength) {
            found += try lines.append(bytes[start..<min(start + pieceLength, bytes.count)])
                .map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == ["one", "", "two", "three", ""])
    }

    @Test("a line may be as long as the limit and no longer")
    func limit() throws {
        var lines = MessageLines(limit: 4)
        #expect(try lines.append(Array("abcd\nefgh\n".utf8)).count == 2)
        #expect(throws: MessageError.lineTooLong(limit: 4)) { try lines.append(Array("abcde".utf8)) }
    }

    @Test("the largest report that is let pass fits a line")
    func largestReport() throws {
        let awkward = String(repeating: "\u{1}", count: 1 << 20)
        let report = StatusReport(
            sentAtMilliseconds: 1e12,
            condition: .unexpected(awkward),
            models: (0..<1000).map { _ in String(repeating: "\u{1}", count: 100) },
            build: awkward
        )
        let line = try encodeLine(.report(report.fitted().validated()))
        var lines = MessageLines()
        #expect(try lines.append(line).count == 1)
    }
}
