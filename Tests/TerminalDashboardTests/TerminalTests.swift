import ManagementClient
import Testing

@testable import TerminalDashboard

struct TerminalTests {
    @Test(
        "keys are understood however their bytes arrive",
        arguments: [
            ("j", [Key.character("j")]), ("\u{1B}[A\u{1B}OB", [.up, .down]),
            ("\u{1B}[5~\u{1B}[6~", [.pageUp, .pageDown]),
            ("\u{1B}[1;5C", [.right]), ("\u{3}\r\u{7F}\u{8}", [.control("c"), .enter, .backspace, .backspace]),
            ("é", [.character("é")]),
            ("\u{1B}\u{1B}[H", [.escape, .home]), ("\u{1B}[200~dy\u{1B}[201~q", [.character("q")]), ("\u{1B}x", []),
        ]
    )
    func keys(bytes: String, keys: [Key]) {
        var whole = KeyParser()
        #expect(whole.read(bytes.utf8) == keys)
        var parts = KeyParser()
        #expect(bytes.utf8.flatMap { parts.read([$0]) } == keys)
    }

    @Test("an escape is a key when nothing follows")
    func escape() {
        var parser = KeyParser()
        #expect(parser.read([0x1B]).isEmpty)
        #expect(parser.isUndecided)
        #expect(parser.settle() == [.escape])
        #expect(parser.settle().isEmpty)
    }

    @Test("only lines that changed are written, in one frame")
    func frames() {
        var writer = ScreenWriter(depth: .none, isASCII: false)
        let first = writer.frame([StyledLine("one"), StyledLine("two")], width: 10)
        #expect(first.hasPrefix("\u{1B}[?2026h") && first.hasSuffix("\u{1B}[?2026l"))
        #expect(writer.frame([StyledLine("one"), StyledLine("two")], width: 10).isEmpty)
        let second = writer.frame([StyledLine("one"), StyledLine("2")], width: 10)
        #expect(second.contains("\u{1B}[2;1H") && !second.contains("one"))
        writer.forget()
        #expect(writer.frame([StyledLine("one"), StyledLine("2")], width: 10).contains("one"))
    }

    @Test("nothing that a terminal obeys gets through, and every text has a width all agree on")
    func visible() {
        #expect(VisibleText.of("a\u{1B}[2Jb\u{9B}\n\u{202E}") == "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}")
        #expect(VisibleText.of("👩‍🚀❤️🇩🇪") == "👩🚀❤DE")
        #expect(VisibleText.width("日本 é 🚀") == 9)
        #expect(StyledLine("日本語").cut(to: 4, mark: "…").text == "日…")
        #expect(VisibleText.inASCII("é日") == "???")
    }

    @Test(
        "colours are as many as the terminal has, and none with NO_COLOR",
        arguments: [
            (["TERM": "xterm"], ColourDepth.sixteen), (["TERM": "xterm-256color"], .indexed),
            (["TERM": "xterm", "COLORTERM": "truecolor"], .trueColour),
            (["TERM": "xterm", "COLORTERM": "truecolor", "NO_COLOR": "1"], .none), (["TERM": "vt100"], .none),
        ]
    )
    func colours(environment: [String: String], depth: ColourDepth) {
        #expect(ColourDepth(environment: environment) == depth)
    }

    @Test("text is wrapped at words, and within those that are longer than a line")
    func wrapping() {
        #expect(WrappedText.lines("start the\nserver again", width: 9) == ["start the", "server", "again"])
        #expect(WrappedText.lines("abcdefgh i", width: 5) == ["abcde", "fgh i"])
        #expect(WrappedText.lines("", width: 5) == [""])
    }
}
