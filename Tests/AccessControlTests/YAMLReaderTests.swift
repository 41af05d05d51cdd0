import Testing

@testable import AccessControl

@Suite("The part of YAML in which files of tenants are written")
struct YAMLReaderTests {
    /// As JSON, nearly.
    private static func shown(_ text: String) throws(YAMLMistake) -> String {
        var reader = try YAMLReader(Array(text.utf8))
        guard let indent = try reader.nextIndent() else { return "" }
        var entries: [YAMLEntry] = []
        while let key = try reader.key(at: indent) {
            entries.append(YAMLEntry(key: key, value: try reader.value(below: indent)))
        }
        guard try reader.nextIndent() == nil else { throw YAMLMistake(try reader.nextLine(), "rest") }
        return YAMLNode(line: 1, content: .mapping(entries)).shown
    }

    private static func complaint(_ text: String) -> String? {
        do throws(YAMLMistake) {
            _ = try shown(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "what is written in several ways is the same",
        arguments: [
            "a: [b, c]\nd: {e: f}\n", "a:\n- b\n- c\nd:\n  e: f\n", "a:\n  - b\n  - 'c'\nd:\n     e: \"f\"",
            "---  # x\n\na: [b,   # x\n\n  c]\r\n\"d\": {\"e\":f}\r\n",
            "a: [ 'b' , \"\\u0063\", ]\nd:   # x\n # y\n\n e: f # z\n",
            "'a': [b\n,c\n]\nd:\n\te: f".replacing("\t", with: "  "),
        ]
    )
    func ways(text: String) throws {
        #expect(try Self.shown(text) == #"{"a":["b","c"],"d":{"e":"f"}}"#)
    }

    @Test(
        "texts are texts, quotes and escapes are understood, and comments aren't part of any",
        arguments: [
            ("a: b c  # d", "b c"), ("a: b#c", "b#c"), ("a: 'it''s'", "it's"),
            ("a: \"\\\"\\\\\\x41\\U0001F600\"", "\"\\A😀"),
            ("a: 2027-01-31", "2027-01-31"), ("a: -1", "-1"), ("a: http://b:80/c", "http://b:80/c"),
            ("a: \"#b: c\"", "#b: c"),
            ("a: ''", ""), ("a: 'null'", "null"), ("a: ü", "ü"), ("a: ?b", "?b"), ("a: b,c]", "b,c]"),
        ]
    )
    func texts(text: String, value: String) throws {
        #expect(try Self.shown(text) == "{\"a\":\(value.debugDescription)}")
    }

    @Test(
        "what means more than is written, or isn't closed, or stands at the wrong place, is refused with its line",
        arguments: [
            ("a: &b c", "line 1: references (&) aren't taken; put a text in quotes"),
            ("a: *b", "line 1: references (*) aren't taken; put a text in quotes"),
            ("<<: *b", "line 1: references (*) aren't taken; put a text in quotes"),
            ("a: !!int 1", "line 1: tags (!) aren't taken; put a text in quotes"),
            ("a: |\n  b", "line 1: texts over several lines aren't taken"),
            ("a: >-\n  b", "line 1: texts over several lines aren't taken"),
            ("a: b\n  c", "line 2: it is indented further than those above it, and belongs to nothing"),
            ("a:\n  b: c\n d: e", "line 3: it is indented further than those above it, and belongs to nothing"),
            ("a:\n    b: c\n  d: e", "line 3: it is indented further than those above it, and belongs to nothing"),
            ("a:\n  - b\n    - c", "line 3: it is indented further than those above it, and belongs to nothing"),
            ("a:\n  - - b", "line 2: a list in a list isn't taken"),
            ("a:\n  -\n", "line 2: nothing stands behind a dash"),
            ("a:\n  - b: c", "line 2: there is a second colon; what it belongs to goes into quotes"),
            ("a: b: c", "line 1: there is a second colon; what it belongs to goes into quotes"),
            ("a\n", "line 1: there is no colon behind its first word"),
            ("a:b\n", "line 1: there is no colon behind its first word"),
            ("'a' b: c", "line 1: there is no colon behind its first word"),
            ("'a':b", "line 1: there is no space behind the colon"),
            ("? a", "line 1: a text that begins with ? goes into quotes"),
            ("a: [b", "line 1: the closing ] is missing"), ("a: {b: c\n", "line 1: the closing } is missing"),
            ("a: [b\n\nc: d", "line 3: a comma or ] is missing"), ("a: [b: c]", "line 1: a comma or ] is missing"),
            ("a: {b}", "line 1: b: there is no colon behind it"),
            ("a: [b] c", "line 1: something stands behind the end of its value"),
            ("a: \"b", "line 1: a quote isn't closed in its line"),
            ("a: 'b\n  c'", "line 1: a quote isn't closed in its line"),
            ("a: \"\\q\"", "line 1: there is a backslash that means nothing here; write \\\\ for one"),
            ("a: \"\\ud800\"", "line 1: a backslash isn't followed by a character's number"),
            ("a: @b", "line 1: a text that begins with @ goes into quotes"),
            ("a: [, b]", "line 1: a text that begins with , goes into quotes"),
            ("a: {b: 1, b: 2}", "line 1: b: given twice"),
            ("a:\n\tb: c", "line 2: it is indented by tabs; YAML takes spaces"),
            ("a: b\u{7}", "line 1: there is a control character"),
            ("a: b\rc: d", "line 1: there is a control character"),
            ("a: b # \u{9A}", "line 1: there is a control character"),
            ("# \u{FEFF}\na: b", "line 1: there is a control character"),
            ("# \u{85}a: b", "line 1: there is a character that ends lines to some readers and not to others"),
            ("a: b\u{2028}c", "line 1: there is a character that ends lines to some readers and not to others"),
            ("a: b\n---\nc: d", "line 2: a second document isn't taken"),
            ("---# no comment\na: b", "line 1: there is no colon behind its first word"),
            ("%YAML 1.2\n", "line 1: a text that begins with % goes into quotes"),
        ]
    )
    func refused(text: String, complaint: String) {
        #expect(Self.complaint(text) == complaint)
    }

    @Test("nothing in a file takes the program down")
    func hostile() throws {
        for opening in ["[", "{", "- ", "a: {", "? ", "a: [", "'", "\"", "a: [{b: "] {
            #expect(Self.complaint("a: " + String(repeating: opening, count: 100_001)) != nil)
        }
        let deep = (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        #expect(Self.complaint(deep) == "line 10: this is nested too deeply")
        let long = "a: [" + String(repeating: "b,", count: 10_001) + "]"
        #expect(Self.complaint(long) == "line 1: the list has more than 10000 items")
        let wide = "a: {" + (0..<65).map { "b\($0): c" }.joined(separator: ", ") + "}"
        #expect(Self.complaint(wide) == "line 1: there are more than 64 keys together")
        var bomb = "x0: &x0 [a, a]\n"
        for level in 1...60 { bomb += "x\(level): &x\(level) [*x\(level - 1), *x\(level - 1)]\n" }
        #expect(Self.complaint(bomb) == "line 1: references (&) aren't taken; put a text in quotes")
        #expect(throws: YAMLMistake(1, "the file is not UTF-8")) { try YAMLReader([0xFF, 0xFE, 0x61, 0x00]) }
    }
}
