import AccessControl
import ArgumentParser
import SeededRandom
import Testing
import Yams

@testable import paddler

@Suite("Keys that are made")
struct KeyCommandTests {
    @Test(
        "a key is random, and what is printed for the file is its hash",
        arguments: ["team-a", "a: \"b\\", "no", "ü", "1"]
    )
    func create(name: String) throws {
        var random = SplitMix64(seed: 7)
        let key = NewKey(using: &random)
        let other = NewKey(using: &random)
        #expect(key.text != other.text && key.text.hasPrefix("sk-paddler-") && key.text.utf8.count == 54)
        #expect(key.digest == KeyDigest(of: Array(key.text.utf8).span))
        let text = KeyCreateCommand.text(key, of: name)
        #expect(text.split(separator: "\n").filter { $0.contains(key.text) } == ["  \(key.text)"])
        let start = try #require(text.firstRange(of: "tenants:\n")).lowerBound
        let root = try #require(try Yams.compose(yaml: String(text[start...])))
        let tenants = try #require(root.mapping?["tenants"]?.mapping)
        #expect(tenants.keys.map(\.string) == [name])
        #expect(tenants.values.first?.mapping?["keys"]?.sequence?.first?.string == "sha256:\(key.digest)")
    }

    @Test(
        "a name that no tenant can have is a mistake",
        arguments: ["", "a\u{7}b", String(repeating: "x", count: 129)]
    )
    func names(name: String) {
        #expect(throws: (any Error).self) { try KeyCreateCommand.parse([name]) }
    }
}
