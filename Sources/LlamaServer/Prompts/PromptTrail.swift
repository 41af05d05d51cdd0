/// The beginnings of a prompt, each as a hash: two prompts with the same n-th hash begin alike up to
/// ``position(of:)`` of it. A server that has computed a prompt has its beginnings in its cache.
///
/// It isn't the text that a template renders, but keeps its order: the values of strings, numbers and literals, raw, each
/// followed by a separator, without keys and white space. So it doesn't depend on how a client cuts a message into parts.
public struct PromptTrail: Hashable, Sendable {
    public let hashes: [UInt64]
    /// How much of the prompt was hashed, in bytes: all of it up to 1 MiB.
    public let bytes: Int
    /// How many of these are images and sounds; nil: it doesn't stand for the text of a prompt.
    public let mediaBytes: Int?

    /// Beyond that nothing is hashed.
    private static let positions: [Int] = {
        var positions = [256]
        while let last = positions.last, last < 1 << 20 { positions.append(last + max(512, last / 8)) }
        return positions
    }()

    /// The most hashes of a trail.
    public static var mostHashes: Int { positions.count }

    /// By which it is told from others that run: the hash of the most that is known of it.
    public var name: UInt64 { hashes.last ?? 0 }

    /// How many bytes of the prompt the n-th hash stands for: 256, then an eighth more each time, at least 512.
    public static func position(of index: Int) -> Int { positions[index] }

    /// How long the text of its prompt is, in bytes; nil: it doesn't stand for one.
    ///
    /// - Parameter bodyBytes: of the whole request: nothing else is known of a prompt that is too long to be hashed.
    public func textBytes(ofBody bodyBytes: Int) -> Int? {
        mediaBytes.map { (hashes.count == Self.mostHashes && $0 == 0 ? bodyBytes : bytes) - $0 }
    }

    /// - Parameters:
    ///   - hashes: no more than ``mostHashes``.
    ///   - bytes: at least the position of the last one.
    public init(hashes: [UInt64], bytes: Int, mediaBytes: Int? = nil) {
        self.hashes = hashes
        self.bytes = bytes
        self.mediaBytes = mediaBytes
    }

    /// - Parameters:
    ///   - body: a whole one that was scanned.
    ///   - kind: what its endpoint makes of it.
    ///   - seed: the same for all trails that are compared.
    /// - Returns: nil for a prompt too short to matter, for several in one request, and for what isn't JSON.
    public init?(
        _ body: borrowing Span<UInt8>,
        _ scan: borrowing RequestBodyScan,
        kind: PromptKind,
        seed: UInt64
    ) {
        guard scan.isComplete, kind.isContinued else { return nil }
        var hasher = PromptHasher(seed: seed ^ UInt64(kind.rawValue), longStrings: scan.longStrings)
        if var model = scan.model { model.withUTF8 { hasher.add($0.span) } }
        hasher.begin()
        for member in PromptMember.allCases {
            guard let start = scan.promptMembers.start(of: member) else { continue }
            if member == .prompt, body.isListOfPrompts(at: start) { return nil }
            hasher.addValue(body, at: start)
        }
        guard !hasher.hashes.isEmpty else { return nil }
        self.init(hashes: hasher.hashes, bytes: hasher.position, mediaBytes: hasher.mediaBytes)
    }
}

extension Span<UInt8> {
    /// Several prompts in a row, and not one of tokens; or what can't be told from that within the first kB.
    fileprivate borrowing func isListOfPrompts(at start: Int) -> Bool {
        var offset = start
        var isList = false
        while offset < Swift.min(count, start + 1024) {
            switch self[offset] {
            case UInt8(ascii: "[") where !isList: isList = true
            case let byte where byte.isJSONSpace: break
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return false
            default: return isList
            }
            offset += 1
        }
        return true
    }
}
