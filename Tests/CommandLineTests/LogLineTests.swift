import Logging
import Testing

@testable import LogLines
@testable import paddler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct LogLineTests {
    private let time = Date(timeIntervalSince1970: 1_767_225_600.25)

    @Test("a text line has the time, the level, the event and its variables")
    func text() {
        let line = TextLogLine().line(
            level: .info,
            message: "listening",
            metadata: [("address", "127.0.0.1:8086"), ("reason", "two words"), ("empty", "")],
            at: time
        )
        #expect(
            line == "2026-01-01T00:00:00.250Z INFO listening address=127.0.0.1:8086 reason=\"two words\" empty=\"\""
        )
    }

    @Test("what comes from outside can't forge a line of text")
    func textInjection() {
        let line = TextLogLine().line(
            level: .warning,
            message: "agent refused",
            metadata: [("reason", "x\n2026 INFO \"all\" is=well\u{1B}[0m")],
            at: time
        )
        #expect(line.hasSuffix(#"WARNING agent refused reason="x 2026 INFO \"all\" is=well [0m""#))
    }

    @Test(
        "characters that a terminal obeys, or that turn the direction of text, never reach the log",
        arguments: ["\u{9B}", "\u{85}", "\u{202E}", "\u{2066}", "\u{2028}", "\u{200F}", "\u{7F}"]
    )
    func invisible(character: String) throws {
        let form = TextLogLine()
        let line = form.line(level: .info, message: "a\(character)b", metadata: [("name", "c\(character)d")], at: time)
        #expect(line.hasSuffix(#" INFO a b name="c d""#))
        let json = JSONLogLine(label: "l").line(level: .info, message: "a\(character)b", metadata: [], at: time)
        #expect(!json.contains(character))
        struct Line: Decodable { var message: String }
        #expect(try JSONDecoder().decode(Line.self, from: Data(json.utf8)).message == "a\(character)b")
    }

    @Test("a JSON line can be read back, with the variables beside the message")
    func json() throws {
        struct Line: Decodable {
            var timestamp, level, label, message, reason, message_: String
            var count: Int
            var models: [String]
        }
        let text = JSONLogLine(label: "paddler.balancer").line(
            level: .warning,
            message: "agent refused",
            metadata: [
                ("count", .stringConvertible(3)), ("message", "mine"), ("models", ["a", "b"]),
                ("reason", "quote \" back \\ line \n bell \u{7} 漢"),
            ],
            at: time
        )
        #expect(!text.contains("\n"))
        let line = try JSONDecoder().decode(Line.self, from: Data(text.utf8))
        #expect(line.timestamp == "2026-01-01T00:00:00.250Z")
        #expect(line.level == "warning")
        #expect(line.label == "paddler.balancer")
        #expect(line.message == "agent refused")
        #expect(line.message_ == "mine")
        #expect(line.reason == "quote \" back \\ line \n bell \u{7} 漢")
        #expect(line.count == 3)
        #expect(line.models == ["a", "b"])
    }
}
