import Logging
import Testing

@testable import LogLines
@testable import paddler

@Suite("Lines for systemd's journal")
struct JournalTests {
    @Test(
        "a stream of the journal is its device and inode in decimal, and nothing else",
        arguments: [
            ("8:1234", JournalStream(device: 8, inode: 1234)), ("", nil), ("8", nil), ("8:", nil), ("8:1:2", nil),
            ("0x8:1", nil), ("-8:1", nil),
        ] as [(String, JournalStream?)]
    )
    func stream(text: String, expected: JournalStream?) {
        #expect(JournalStream(parsing: text) == expected)
    }

    @Test("levels are syslog's priorities")
    func priorities() {
        let prefixes = Logger.Level.allCases.map { JournalPriority($0).prefix }
        #expect(prefixes == ["<7>", "<7>", "<6>", "<5>", "<4>", "<3>", "<2>"])
    }

    @Test("a line begins with its priority where the journal reads it, and only there", arguments: [true, false])
    func lines(isJournal: Bool) async {
        let (lines, feed) = AsyncStream.makeStream(of: String.self)
        let writer = LogWriter { feed.yield(String(decoding: $0, as: UTF8.self)) }
        let logger = Logger(label: "test") { _ in
            LineLogHandler(form: TextLogLine(), logLevel: .info, marksPriority: isJournal, writer: writer)
        }
        logger.warning("careful")
        writer.flush()
        feed.finish()
        let line = await lines.first { _ in true }
        #expect(line?.hasPrefix("<4>") == isJournal)
        #expect(line?.hasSuffix(" WARNING careful\n") == true)
    }
}
