import LlamaServer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// ``PromptNews`` as the fields of a message. Hashes are base64 of eight bytes each, the least significant first.
struct PromptLine: Codable {
    private var begins: String?
    private var bytes: Int?
    private var ends: String?
    private var generated: Int?
    private var missed: Bool?
    private var gone: String?

    init(_ news: PromptNews) {
        switch news {
        case .begins(let trail):
            begins = Self.text(trail.hashes)
            bytes = trail.bytes
        case .ends(let name, let generated, let wasMissed):
            ends = Self.text([name])
            self.generated = generated
            missed = wasMissed ? true : nil
        case .isGone(let name):
            gone = Self.text([name])
        }
    }

    /// - Throws: `UnknownMessage` for what isn't any of these; `DecodingError` for what can't be read.
    func news(_ decoder: any Decoder) throws -> PromptNews {
        if let begins {
            let hashes = Array(try Self.hashes(begins, decoder).prefix(PromptTrail.mostHashes))
            let shortest = PromptTrail.position(of: hashes.count - 1)
            let bytes = max(shortest, ReportLimits.promptBytes.clamp(bytes ?? shortest))
            return .begins(PromptTrail(hashes: hashes, bytes: bytes))
        }
        if let ends {
            let generated = ReportLimits.promptBytes.clamp(generated ?? 0)
            return .ends(name: try Self.hashes(ends, decoder)[0], generated: generated, wasMissed: missed == true)
        }
        if let gone { return .isGone(name: try Self.hashes(gone, decoder)[0]) }
        throw UnknownMessage(type: "prompt")
    }

    private static func text(_ hashes: [UInt64]) -> String {
        var bytes = Data(capacity: hashes.count * 8)
        for hash in hashes {
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: hash >> shift)) }
        }
        return bytes.base64EncodedString()
    }

    /// - Returns: at least one.
    private static func hashes(_ text: String, _ decoder: any Decoder) throws -> [UInt64] {
        guard let data = Data(base64Encoded: text), !data.isEmpty, data.count.isMultiple(of: 8) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "hashes of a prompt are not base64 of eight bytes each"
                )
            )
        }
        let bytes = Array(data)
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * $1) }
        }
    }
}

/// ``PromptSeed`` as the fields of a message.
struct PromptSeedLine: Codable {
    private var seed: String
    private var madeAt: Int64

    private enum CodingKeys: String, CodingKey {
        case seed
        case madeAt = "made_at_ms"
    }

    init(_ seed: PromptSeed) {
        self.seed = String(seed.value, radix: 16)
        madeAt = seed.madeAt
    }

    /// - Throws: `DecodingError` for what can't be read.
    func seed(_ decoder: any Decoder) throws -> PromptSeed {
        guard let value = UInt64(seed, radix: 16) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a seed is not a hexadecimal number of 64 bits")
            )
        }
        return PromptSeed(value: value, madeAt: madeAt)
    }
}
