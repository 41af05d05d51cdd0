/// What a client calls its session, as a hash.
public struct SessionKey: Equatable, Sendable {
    let hash: UInt64

    /// - Parameters:
    ///   - name: as the client gives it; nil for an empty one.
    ///   - seed: the same for all that are compared.
    public init?(_ name: borrowing Span<UInt8>, seed: UInt64) {
        guard !name.isEmpty else { return nil }
        var hasher = PromptHasher(seed: ~seed)
        hasher.begin()
        hasher.add(name)
        hash = hasher.end
    }
}

extension RequestBodyScan {
    /// The session that a request belongs to, by `prompt_cache_key`, else `safety_identifier`, else `user`; nil: it says none.
    ///
    /// - Parameters:
    ///   - body: a whole one that was scanned.
    ///   - seed: the same for all that are compared.
    public func session(_ body: borrowing Span<UInt8>, seed: UInt64) -> SessionKey? {
        guard isComplete else { return nil }
        for member in [DemandMember.promptCacheKey, .safetyIdentifier, .user] {
            guard let start = demandMembers.start(of: member), let text = body.string(at: start) else { continue }
            if let key = SessionKey(body.extracting(text), seed: seed) { return key }
        }
        return nil
    }
}

extension PromptTrail {
    /// Stands for a session's prompt, which is taken to be what it was with more behind it.
    ///
    /// - Parameters:
    ///   - model: as the request names it.
    ///   - bodyBytes: of the request, for want of the prompt's own size.
    public init(_ session: SessionKey, model: String?, bodyBytes: Int) {
        var hasher = PromptHasher(seed: session.hash)
        if var model { model.withUTF8 { hasher.add($0.span) } }
        var hash = hasher.end
        var hashes: [UInt64] = []
        repeat {
            hashes.append(hash)
            hash = hash &* 0x9E37_79B9_7F4A_7C15 ^ hash >> 29
        } while hashes.count < Self.mostHashes && Self.position(of: hashes.count) <= bodyBytes
        self.init(hashes: hashes, bytes: max(bodyBytes, Self.position(of: 0)))
    }
}

extension Span<UInt8> {
    /// What is between the quotes of the string that begins there, behind white space.
    fileprivate borrowing func string(at start: Int) -> Range<Int>? {
        guard let first = firstNoSpace(from: start), self[first] == UInt8(ascii: "\""),
            let quote = closingQuote(from: first + 1)
        else { return nil }
        return (first + 1)..<quote
    }
}
