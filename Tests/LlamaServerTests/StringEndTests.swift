import LlamaServer
import SeededRandom
import Testing

@Suite("Where strings in a body end")
struct StringEndTests {
    /// Quotes and backslashes are escaped, in runs that begin and end anywhere in blocks of 64 bytes.
    private static func text(_ random: inout SplitMix64) -> String {
        var text = ""
        while !random.once(in: 300) {
            switch random.below(4) {
            case 0: text += String(repeating: "\\\\", count: random.below(40))
            case 1: text += #"\""#
            case 2: text += #"\n"#
            default: text += String(repeating: "x", count: random.below(80))
            }
        }
        return text
    }

    private static func scan(_ body: [UInt8], inPiecesOf size: Int) -> RequestBodyScan {
        var scan = RequestBodyScan()
        for start in stride(from: 0, to: body.count, by: size) {
            scan.read(body.span.extracting(start..<min(start + size, body.count)))
        }
        return scan
    }

    @Test("is found behind any run of backslashes, in one piece and in many", arguments: UInt64(1)...60)
    func ends(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let text = Self.text(&random)
        let spaces = String(repeating: " ", count: random.below(64))
        let body = Array(#"{\#(spaces)"prompt":"\#(text)\#(text)","other":["\#(text)"],"model":"tiny"}"#.utf8)
        let whole = Self.scan(body, inPiecesOf: body.count)
        #expect(whole.model == "tiny")
        let trail = PromptTrail(body.span, whole, kind: .completion, seed: 7)
        #expect(trail?.bytes ?? 2 * text.utf8.count == 2 * text.utf8.count)

        for size in [1, 7, 64, 1 + random.below(body.count)] {
            let pieces = Self.scan(body, inPiecesOf: size)
            #expect(pieces.model == "tiny", "in pieces of \(size)")
            #expect(PromptTrail(body.span, pieces, kind: .completion, seed: 7) == trail, "in pieces of \(size)")
        }
    }

    @Test("of a prompt whose parts stand in another order, and of more long ones than are remembered")
    func order() throws {
        let long = String(repeating: #"What \"it\" is. "#, count: 30)
        let system = #""system":"\#(long)""#
        let messages = (0..<1500).map { #"{"role":"user","content":"\#($0) \#(long)"}"# }.joined(separator: ",")
        let bodies = [#"{\#(system),"messages":[\#(messages)]}"#, #"{"messages":[\#(messages)],\#(system)}"#]
            .map { Array($0.utf8) }
        let trails = bodies.map { PromptTrail($0.span, Self.scan($0, inPiecesOf: 4096), kind: .chat, seed: 7) }
        #expect(trails[0]?.hashes.count ?? 0 > 40)
        #expect(trails[0] == trails[1])
    }
}
