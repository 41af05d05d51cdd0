import SeededRandom
import Testing
import Yams

@testable import AccessControl

/// What our reader takes, Yams (libyaml) takes for the same.
@Suite("Files of tenants, and what others make of them")
struct YAMLDifferentialTests {
    private static let documentsPerBatch: UInt64 = 500
    private static let pieces = [
        "a: b\n", "tenants:\n", "  x:\n", "    keys: [k1, \"k2\"]\n", "  \"y z\": {keys: k3, class: batch}\n", "- a\n",
        "  - b\n",
        "    - 'it''s'\n", "c:   # comment\n", "# comment\n", "\n", "d: [\n", " e, 'f' ]\n", "g: {h: i}\n",
        "j: \"\\u0041\\\\\"\n",
        "k: ~\n", "l: null\n", "---\n", "m: a b  c \n", "n: http://x:1/y#z\n", "'o p': q\n", "  r: s\n",
        "t: [u, [v], {w: x}]\n",
        "y:\n- z\n", "aa: -1\n", "bb: ''\n", "cc: [a,]\n", "dd: {e:, f: g}\n",
    ]
    private static let bytes = Array("\n\t\r :-?[]{},#&*!|>'\"%@`~0aA\\".utf8) + [0x00, 0xC2, 0x85, 0xE2, 0x80, 0xA8]

    private static func shown(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): node.null != nil ? "~" : scalar.string.debugDescription
        case .sequence(let items): "[" + items.map(shown).joined(separator: ",") + "]"
        case .mapping(let mapping):
            "{" + mapping.map { ($0.scalar?.string ?? "?").debugDescription + ":" + shown($1) }.joined(separator: ",")
                + "}"
        case .alias: "*"
        }
    }

    private static func ours(_ text: [UInt8]) -> String? {
        do throws(YAMLMistake) {
            var reader = try YAMLReader(text)
            guard let indent = try reader.nextIndent() else { return nil }
            var entries: [YAMLEntry] = []
            while let key = try reader.key(at: indent) {
                entries.append(YAMLEntry(key: key, value: try reader.value(below: indent)))
            }
            guard try reader.nextIndent() == nil else { return nil }
            return YAMLNode(line: 1, content: .mapping(entries)).shown
        } catch {
            return nil
        }
    }

    @Test("whatever is understood means the same to Yams", arguments: 0..<UInt64(8))
    func same(batch: UInt64) throws {
        var understood = 0
        for seed in batch * Self.documentsPerBatch..<(batch + 1) * Self.documentsPerBatch {
            var random = SplitMix64(seed: seed)
            var text: [UInt8] = []
            for _ in 0...random.below(6) { text += Array(random.pick(Self.pieces).utf8) }
            if seed % 3 > 0 { random.damage(&text, mostChanges: 3, alphabet: Self.bytes) }
            guard let ours = Self.ours(text) else { continue }
            understood += 1
            let document = String(decoding: text, as: UTF8.self)
            do {
                let theirs = try Yams.compose(yaml: document).map(Self.shown)
                #expect(ours == theirs, "seed \(seed): \(document.debugDescription)")
            } catch YamlError.duplicatedKeysInMapping {
                // The test reads keys at the top one by one, as whoever uses the reader does.
            } catch {
                Issue.record("seed \(seed): \(document.debugDescription): \(error)")
            }
        }
        #expect(understood > 20)
    }
}
