import ArgumentParser
import Foundation
import SeededRandom
import Testing

@testable import paddler

/// Damaged configuration files: understood, or a usage error of one line.
@Suite("Damaged configuration files")
struct ConfigurationFuzzTests {
    private static let filesPerBatch: UInt64 = 50
    /// More of them: `FUZZ_BATCHES=1000 swift test --filter ConfigurationFuzzTests`.
    private static let batches = UInt64(ProcessInfo.processInfo.environment["FUZZ_BATCHES"] ?? "") ?? 4

    @Test("whatever stands in a file, it is understood or refused in one line", arguments: 0..<batches)
    func damaged(batch: UInt64) throws {
        // Once: parsing flags takes far longer than a file.
        let command = try BalancerCommand.parse([])
        let descriptions = BalancerCommand.settings.flatMap(\.descriptions)
        for seed in batch * Self.filesPerBatch..<(batch + 1) * Self.filesPerBatch {
            var generator = DamagedYAML(seed: seed)
            let yaml = generator.next()
            let file = try TemporaryFile(yaml)
            do {
                let layer = try ConfigurationFile(path: file.path).contents(for: descriptions).layer
                try command.check(Settings(layers: [layer]))
            } catch {
                let message = "\(error)"
                let isOneLine = message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
                #expect(isOneLine, "seed \(seed): \(yaml.debugDescription): \(message.debugDescription)")
            }
        }
    }
}

/// A configuration file with some of its bytes and lines changed; the same for the same seed.
private struct DamagedYAML {
    private static let lines = [
        "reverseproxy-addr: 0.0.0.0:80", "management-addr: \"[::1]:81\"", "rewrite-host-header: yes",
        "statsd-tags: [env:test, \"zone:a,rack:b\"]", "buffered-request-timeout: 1.5s", "max-request-body: 1MiB",
        "api-key:\n  - first\n  - 0123", "management-token: &a only", "threads: 4", "threads:", "threads: ~", "---",
        "# a comment", "threads: *a", "? [a, b]\n: c", "threads: !!int 4", "api-key: |\n  a\n  b", "<<: {threads: 4}",
        "threads: !!binary aaaa", "threads: 0x10", "threads: 1e3", "1: 2", "~: 1", "threads: 2001-01-01", "...",
    ]
    private static let bytes = Array("\n\t :-?[]{},#&*!|>'\"%@`~0aA\\\u{0}\u{7}\u{1B}\u{7F}".utf8) + [0x80, 0xC3, 0xFF]

    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> String {
        var text: [UInt8] = []
        for _ in 0...random.below(6) {
            text += Array((random.pick(Self.lines) + "\n").utf8)
        }
        random.damage(&text, mostChanges: 5, alphabet: Self.bytes)
        return String(decoding: text, as: UTF8.self)
    }
}
