import LlamaServer

/// Text as a server's cache sees it: parts of which each is known by a number, and its length.
struct Prompt {
    struct Part: Equatable {
        /// Texts that differ have different ones.
        var text: UInt64
        var tokens: Int
    }

    private(set) var parts: [Part]
    private(set) var tokens: Int

    init(_ parts: [Part] = []) {
        self.parts = parts
        tokens = parts.reduce(0) { $0 + $1.tokens }
    }

    mutating func append(_ part: Part) {
        parts.append(part)
        tokens += part.tokens
    }

    /// How many tokens both begin with.
    func common(with other: Prompt) -> Int {
        var tokens = 0
        for (mine, others) in zip(parts, other.parts) {
            guard mine.text == others.text else { break }
            tokens += min(mine.tokens, others.tokens)
            guard mine.tokens == others.tokens else { break }
        }
        return tokens
    }

    /// In the languages of the model's users.
    static let bytesOfToken = 4

    /// What the balancer makes of its body.
    var trail: PromptTrail? {
        var hashes: [UInt64] = []
        var before: UInt64 = 7
        var start = 0
        for part in parts {
            let end = start + part.tokens * Self.bytesOfToken
            while hashes.count < PromptTrail.mostHashes, case let cut = PromptTrail.position(of: hashes.count),
                cut <= end
            {
                hashes.append(Self.mix(Self.mix(before, part.text), UInt64(cut - start)))
            }
            before = Self.mix(Self.mix(before, part.text), UInt64(part.tokens * Self.bytesOfToken))
            start = end
        }
        guard !hashes.isEmpty else { return nil }
        return PromptTrail(hashes: hashes, bytes: min(start, 1 << 20), mediaBytes: 0)
    }

    private static func mix(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        let product = (hash ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: value ^ 0xD1B5_4A32_D192_ED03)
        return product.high ^ product.low
    }
}
