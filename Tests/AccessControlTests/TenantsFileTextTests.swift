import Testing

@testable import AccessControl

@Suite("What stands in a file of tenants")
struct TenantsFileTextTests {
    private static let digest = String(repeating: "ab", count: 32)
    private static let other = String(repeating: "01", count: 32)

    private static func read(_ text: String) throws(YAMLMistake) -> TenantsFileText {
        var numbers = TenantNumbers()
        return try TenantsFileText(Array(text.utf8), &numbers)
    }

    private static func complaint(_ text: String) -> String? {
        do throws(YAMLMistake) {
            _ = try read(text)
            return nil
        } catch {
            return error.description
        }
    }

    private func tenant(_ key: String, in text: String) throws -> Tenant? {
        try Self.read(text).directory.tenant(showing: Array(key.utf8).span)
    }

    @Test("a tenant is found by its key, with all that is said of it")
    func whole() throws {
        let text = """
            # ours
            classes: [first, default, 'last']
            tenants:
              team-a:
                keys: ["right"]   # in plain text
                models:
                - qwen-72b
                - "llama-*"
                class: first
                weight: 2
                max-running: 8
                max-waiting: 0
                requests-per-minute: 600
                tokens-per-minute: 200000
                tokens-per-day: 5000000
                until: 2027-01-31
              "team: b": {keys: [other,
                second], class: last}
              default: {weight: 7}
            """
        let directory = try Self.read(text).directory
        #expect(directory.count == 3 && directory.classes.names == ["first", "default", "last"])
        let team = try #require(try tenant("right", in: text))
        #expect(team.name == "team-a" && team.rank == 0 && team.weight == 2)
        #expect(team.maximumRunning == 8 && team.maximumWaiting == 0)
        #expect(
            team.limits == TenantLimits(requestsPerMinute: 600, tokensPerMinute: 200_000, tokensPerDay: 5_000_000)
        )
        #expect(team.mayUse("qwen-72b") && team.mayUse("llama-3") && !team.mayUse("qwen-7b"))
        #expect(team.until == CivilDate("2027-01-31"))
        for key in ["other", "second"] {
            let team = try #require(try tenant(key, in: text))
            #expect(team.name == "team: b" && team.rank == 2 && team.weight == 1 && team.limits.areNone)
            #expect(team.mayUse("anything") && !team.isOver(at: .max))
        }
        #expect(directory.usual.weight == 7 && directory.usual.rank == 1)
        #expect(try tenant("wrong", in: text) == nil && (try tenant("", in: text)) == nil)
    }

    @Test("a key in a file may be its SHA-256, in digits of either case")
    func digests() throws {
        // Of "abc", FIPS 180-4.
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        for digits in [digest, digest.uppercased()] {
            let text = "tenants:\n  a:\n    keys: [\"sha256:\(digits)\"]\n"
            #expect(try tenant("abc", in: text)?.name == "a")
            #expect(try tenant("sha256:\(digits)", in: text) == nil)
            #expect(try Self.read(text).remarks(mode: 0o644).isEmpty)
        }
        #expect("\(KeyDigest(of: Array("abc".utf8).span))" == digest)
    }

    @Test("keys that can be read are remarked on, with their lines, and never shown")
    func remarks() throws {
        let keys = (0..<8).map { "      - secret-\($0)" }.joined(separator: "\n")
        let remarks = try Self.read("tenants:\n  a:\n    keys:\n\(keys)\n").remarks(mode: 0o646)
        #expect(remarks.count == 8 && !remarks.contains { $0.contains("secret") })
        #expect(remarks[0].contains("chmod o-w") && remarks[1].contains("chmod o-r"))
        #expect(remarks[2] == "line 4: a key of a can be read there; write sha256: and its SHA-256 instead")
        #expect(remarks[7] == "3 further keys can be read there")
    }

    @Test(
        "a file may say nothing",
        arguments: [
            "", "# nothing\n", "tenants:\n", "---\n# x\n", "tenants: {}\n", "tenants: ~", "\u{FEFF}classes: [default]",
        ]
    )
    func nothing(text: String) throws {
        let directory = try Self.read(text).directory
        #expect(directory.count == 0 && directory.usual.name == "default" && directory.usual.limits.areNone)
    }

    private static func team(_ line: String) -> String {
        "tenants:\n  a:\n    keys: [\"sha256:\(digest)\"]\n    \(line)\n"
    }

    @Test(
        "a mistake is named with its line and its key",
        arguments: [
            ("tenant:\n", "line 1: tenant: there is no such key; there are classes, tenants"),
            ("- a", "line 1: a list stands where a key is expected"),
            ("tenants: [a]", "line 1: tenants: takes names, each with what is said of it on lines of its own"),
            ("tenants:\n  a: 1", "line 2: tenants: a: takes lines like \"weight: 2\""),
            ("tenants:\n  a:\n", "line 2: tenants: a: keys: there are none, so that nobody can be it"),
            ("tenants:\n  \"\": {keys: b}", "line 2: tenants: a name is empty, or longer than 128 bytes"),
            ("tenants:\n  \"a\\tb\": {keys: b}", "line 2: tenants: a name has control characters in it"),
            ("tenants:\n  a: {keys: b}\n  a: {keys: c}", "line 3: tenants: a: given twice"),
            ("tenants:\n  a: {keys: b}\n  c: {keys: b}", "line 3: tenants: c: keys: this key is one of a, too"),
            ("tenants:\n  a:\n    keys: [b,\n      b]", "line 4: tenants: a: keys: lists a key twice"),
            ("tenants:\n  a: {keys: [[b]]}", "line 2: tenants: a: keys: takes a list of plain texts"),
            ("tenants:\n  a: {keys: {b: c}}", "line 2: tenants: a: keys: takes a list of plain texts"),
            ("tenants:\n  a: {keys: \"\"}", "line 2: tenants: a: keys: a key is empty"),
            (
                "tenants:\n  a: {keys: \" b\"}",
                "line 2: tenants: a: keys: a key has white space around it or a control character in it"
            ),
            (
                "tenants:\n  a: {keys: \"sha256:12\"}",
                "line 2: tenants: a: keys: sha256: is followed by 64 digits from 0 to f"
            ),
            (
                "tenants:\n  a: {keys: \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}",
                "line 2: tenants: a: keys: this is the SHA-256 of nothing; what hashed it got no key"
            ),
            (team("weight: 0"), "line 4: tenants: a: weight: must be from 1 to 1000"),
            (team("weight: much"), "line 4: tenants: a: weight: takes a whole number"),
            (team("weight: 1.5"), "line 4: tenants: a: weight: takes a whole number"),
            (team("weight: [1]"), "line 4: tenants: a: weight: takes a whole number"),
            (team("weight:"), "line 4: tenants: a: weight: takes a whole number"),
            (team("weight: 1\n    weight: 2"), "line 5: weight: given twice"),
            (team("max-running: 0"), "line 4: tenants: a: max-running: must be from 1 to 1000000"),
            (team("max-waiting: -1"), "line 4: tenants: a: max-waiting: must be from 0 to 1000000"),
            (team("tokens-per-day: 99999999999999999999"), "line 4: tenants: a: tokens-per-day: takes a whole number"),
            (team("models: []"), "line 4: tenants: a: models: lists nothing; leave it out to allow all"),
            (team("models: [*]"), "line 4: references (*) aren't taken; put a text in quotes"),
            (
                team("class: urgent"),
                "line 4: tenants: a: class: there is no class urgent; there are interactive, default, batch"
            ),
            (team("until: tomorrow"), "line 4: tenants: a: until: takes a day, such as 2027-01-31"),
            (team("until: 2027-02-29"), "line 4: tenants: a: until: takes a day, such as 2027-01-31"),
            (
                team("wieght: 2"),
                """
                line 4: tenants: a: wieght: there is no such key; there are keys, models, class, weight, max-running, \
                max-waiting, requests-per-minute, tokens-per-minute, tokens-per-day, until
                """
            ),
            ("classes: [a, b]", "line 1: classes: default is missing, the class of whoever names none"),
            ("classes: [default, default]", "line 1: classes: lists default twice"),
            ("classes: default", "line 1: classes: takes a list of names, the one that is served first in front"),
            ("tenants:\nclasses: [default]", "line 2: classes: must stand before tenants, which name them"),
            ("tenants:\ntenants:\n", "line 2: tenants: given twice"),
        ]
    )
    func mistakes(text: String, complaint: String) {
        #expect(Self.complaint(text) == complaint)
    }

    @Test("a name keeps its number over all readings, gone or not, and no two have the same")
    func numbers() throws {
        var numbers = TenantNumbers()
        func number(_ name: String, _ text: String) throws -> Int? {
            let read = try TenantsFileText(Array(text.utf8), &numbers)
            return read.directory.tenant(showing: Array(name.utf8).span)?.number
        }
        let first = try number("a", "tenants:\n  a: {keys: a}\n  b: {keys: b}\n")
        let gone = try number("c", "tenants:\n  c: {keys: c}\n")
        let again = try number("a", "tenants:\n  c: {keys: c}\n  a: {keys: a}\n")
        #expect(first == again && first != gone && first != TenantNumbers.usual && gone != TenantNumbers.usual)
        #expect(try number("x", "tenants:\n  default: {keys: x}\n") == TenantNumbers.usual)
    }

    @Test("the key of no tenant is found among a hundred thousand, and that of each is")
    func many() throws {
        let text = "tenants:\n" + (0..<100_000).map { "  team-\($0): {keys: k\($0)}\n" }.joined()
        let directory = try Self.read(text).directory
        #expect(directory.count == 100_000)
        for number in stride(from: 0, to: 100_000, by: 9_999) {
            #expect(directory.tenant(showing: Array("k\(number)".utf8).span)?.name == "team-\(number)")
        }
        #expect(directory.tenant(showing: Array("k100000".utf8).span) == nil)
    }
}
