import Foundation
import Testing

/// Whatever is accepted here, llhttp must accept too, and read in the same way: where two parsers in a chain see
/// different messages in the same bytes, requests can be smuggled.
///
/// HTTPFraming is known to be the stricter one in: Host and its shape; schemes of absolute-form targets; `#` in a
/// target; HTAB in fields that say where messages and connections end; trailers of that kind; several transfer
/// codings; options of Connection that are no tokens; status below 100; the number of empty lines before a request,
/// and any before a response; more than 16 digits of a chunk size.
///
/// It is the laxer one only in methods, of which llhttp has a list: RFC 9110 9.1 lets any token be one. From the first
/// method on that isn't one of the generator's, nothing is compared.
@Suite("Against llhttp")
struct DifferentialTests {
    private static let casesPerBatch: UInt64 = 1000
    /// More of them: `FUZZ_BATCHES=1000 swift test --filter DifferentialTests`.
    private static let batches = UInt64(ProcessInfo.processInfo.environment["FUZZ_BATCHES"] ?? "") ?? 10

    /// What became of the cases of a batch.
    private struct Tally {
        var complete: UInt64 = 0
        var refused: UInt64 = 0

        mutating func count(_ transcript: Transcript) {
            if transcript.messages.first?.isComplete == true { complete += 1 }
            if transcript.refusal != nil { refused += 1 }
        }

        /// Or else the comparison says little.
        func expectBothKinds() {
            #expect(complete > casesPerBatch / 3)
            #expect(refused > casesPerBatch / 4)
        }
    }

    @Test("llhttp reads the requests that are accepted here in the same way", arguments: 0..<batches)
    func requests(batch: UInt64) {
        var tally = Tally()
        for seed in batch * Self.casesPerBatch..<(batch + 1) * Self.casesPerBatch {
            var generator = MessageGenerator(seed: seed)
            let bytes = generator.requests()
            let ours = FramingTranscript.ofRequests(bytes, pieces: generator.pieces(of: bytes.count))
            let excess = ours.whileStarting(with: MessageGenerator.methods)
                .excess(over: LlhttpTranscript.ofRequests(bytes))
            #expect(excess == nil, "seed \(seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
            tally.count(ours)
        }
        tally.expectBothKinds()
    }

    @Test("llhttp reads the responses that are accepted here in the same way", arguments: 0..<batches)
    func responses(batch: UInt64) throws {
        var tally = Tally()
        for seed in batch * Self.casesPerBatch..<(batch + 1) * Self.casesPerBatch {
            var generator = MessageGenerator(seed: seed)
            let (bytes, methods) = generator.responses()
            let pieces = generator.pieces(of: bytes.count)
            let ours = FramingTranscript.ofResponses(bytes, pieces: pieces, answering: methods)
            let excess = ours.excess(over: try LlhttpTranscript.ofResponses(bytes, answering: methods))
            #expect(
                excess == nil,
                "seed \(seed), to \(methods): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            )
            tally.count(ours)
        }
        tally.expectBothKinds()
    }
}
