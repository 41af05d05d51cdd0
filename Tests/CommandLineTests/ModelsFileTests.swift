import Scheduling
import Testing

@testable import paddler

@Suite("Files of models' names")
struct ModelsFileTests {
    private static func complaint(_ text: String) -> String? {
        do throws(FlagValueError) {
            _ = try ModelsFileText.rules(in: Array(text.utf8))
            return nil
        } catch {
            return error.description
        }
    }

    @Test("a file says what models may be called, what comes next, and how many may wait")
    func whole() throws {
        let text = """
            # ours
            aliases:
              gpt-4o: [qwen-72b, qwen-7b]
              small: qwen-7b
              "7": ['8']
            fallback-after: 1m30s
            max-queued:
              qwen-72b: 20
              qwen-7b: 0
            """
        let rules = try ModelsFileText.rules(in: Array(text.utf8))
        #expect(rules.aliases == ["gpt-4o": ["qwen-72b", "qwen-7b"], "small": ["qwen-7b"], "7": ["8"]])
        #expect(rules.fallbackAfter == .seconds(90))
        #expect(rules.maximumQueued == ["qwen-72b": 20, "qwen-7b": 0])
    }

    @Test(
        "what isn't said is as without a file",
        arguments: ["", "# nothing\n", "aliases:\n", "~", "max-queued: {}\n"]
    )
    func nothing(text: String) throws {
        let rules = try ModelsFileText.rules(in: Array(text.utf8))
        #expect(rules.aliases.isEmpty && rules.maximumQueued.isEmpty && rules.fallbackAfter == .seconds(10))
    }

    @Test("the next of a list may never be tried while the first has a server")
    func never() throws {
        #expect(try ModelsFileText.rules(in: Array("fallback-after: never".utf8)).fallbackAfter == nil)
        #expect(try ModelsFileText.rules(in: Array("fallback-after: 0".utf8)).fallbackAfter == .zero)
    }

    @Test(
        "a mistake is named with its line and its key",
        arguments: [
            ("aliases:\n  a: b\nalias:\n  c: d\n", "line 3: alias: there is no such key; did you mean aliases?"),
            ("models: 1", "line 1: models: there is no such key; there are aliases, fallback-after, max-queued"),
            ("- a", "line 1: there must be lines like \"aliases:\""),
            ("aliases: [a]", "line 1: aliases: takes names, each with what is said of it on a line of its own"),
            ("aliases:\n  a: []", "line 2: aliases: a: lists nothing"),
            ("aliases:\n  a:", "line 2: aliases: a: a name is empty, or longer than 512 bytes"),
            ("aliases:\n  a: {b: c}", "line 2: aliases: a: takes a name or a list of names"),
            ("aliases:\n  a: [[b]]", "line 2: aliases: a: takes names alone"),
            ("aliases:\n  a: [b, b]", "line 2: aliases: a: lists a name twice"),
            ("aliases:\n  a: [b, a]", "line 2: aliases: a: lists itself"),
            ("aliases:\n  a: b\n  a: c", "a: given twice"),
            ("aliases:\n  a: b\n  b: c", "aliases: a: lists b, which is an alias itself; it takes models' own names"),
            ("aliases:\n  \"a\\nb\": c", "line 2: aliases: a name has control characters in it"),
            (
                "fallback-after: soon",
                "line 1: fallback-after: \"soon\" is not a duration; write for example 500ms, 10s or 2m (a bare number is seconds), or never"
            ),
            (
                "fallback-after: -1s",
                "line 1: fallback-after: \"-1s\" is not a duration; write for example 500ms, 10s or 2m (a bare number is seconds), or never"
            ),
            ("fallback-after:", "line 1: fallback-after: takes a duration, or never"),
            ("max-queued:\n  a: -1", "line 2: max-queued: a: must not be less than 0"),
            ("max-queued:\n  a: many", "line 2: max-queued: a: takes a whole number"),
            (
                "aliases:\n  a: b\nmax-queued:\n  a: 1",
                "max-queued: a: is an alias; a limit is one of a model's own name"
            ),
        ]
    )
    func mistakes(text: String, complaint: String) {
        #expect(Self.complaint(text) == complaint)
    }

    @Test("names are bounded, one by one and all together")
    func bounds() {
        let long = String(repeating: "x", count: 513)
        #expect(Self.complaint("aliases:\n  a: \(long)")?.contains("longer than 512 bytes") == true)
        let most = (0..<ModelsFileText.mostNames / 2).map { "  a\($0): b" }.joined(separator: "\n")
        #expect(Self.complaint("aliases:\n\(most)") == nil)
        #expect(Self.complaint("aliases:\n\(most)\n  one: more")?.contains("no more than 10000") == true)
    }

    @Test("a star that refers to nothing is a star")
    func stars() throws {
        let text = "# the *best\naliases:\n  a: ['*b', \"c *d\", e*f] # *g\n  \"*\": h\n"
        let rules = try ModelsFileText.rules(in: Array(text.utf8))
        #expect(rules.aliases == ["a": ["*b", "c *d", "e*f"], "*": ["h"]])
    }

    @Test("nothing in a file takes the program down")
    func hostile() {
        for opening in ["[", "{", "- ", "a: {", "? "] {
            #expect(Self.complaint(String(repeating: opening, count: 100_000)) != nil)
        }
        var bomb = "x0: &x0 [a, a]\n"
        for level in 1...60 { bomb += "x\(level): &x\(level) [*x\(level - 1), *x\(level - 1)]\n" }
        let complaint = "line 2: *x0: references aren't taken; a text that begins with a star goes into quotes"
        #expect(Self.complaint(bomb) == complaint)
        for hidden in YAMLBombs.hidden { #expect(Self.complaint(hidden)?.contains("references aren't taken") == true) }
        do throws(FlagValueError) {
            _ = try ModelsFileText.rules(in: [0xFF, 0xFE, 0x61, 0x00])
            Issue.record("UTF-16 was read")
        } catch {
            #expect(error.description == "it is not UTF-8")
        }
    }
}
