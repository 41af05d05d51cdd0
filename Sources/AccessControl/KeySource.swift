import KeyFileText

/// The ring of keys of one door, and where they come from.
public struct KeySource: Sendable {
    public let ring: KeyRing
    /// What keeps the ring up to date; nil: there is no file.
    public let watched: WatchedSource?

    /// - Parameters:
    ///   - keys: given once and for all.
    ///   - file: of further ones, which may change. With no key and no file the door stands open.
    /// - Throws: ``FileFailure`` when the file can't be read now.
    public init(keys: [String], file: OperatorFile?) throws(FileFailure) {
        let fixed = KeySet(keys)
        guard let file else {
            watched = nil
            ring = KeyRing(fixed, isClosed: !keys.isEmpty)
            return
        }
        let contents = try file.contents()
        let ring = KeyRing(fixed.union(KeySet(KeyFileLine.keys(in: contents))), isClosed: true)
        self.ring = ring
        watched = WatchedSource(
            file,
            contents: contents,
            Self.words,
            remarks: { KeyFileRemark.all(on: $0, mode: file.mode()).map(\.description) },
            take: { contents throws(FileFailure) in
                let keys = fixed.union(KeySet(KeyFileLine.keys(in: contents)))
                ring.replace(keys)
                return keys.count
            }
        )
    }

    static let words = WatchedSource.Words(
        taken: "keys read again",
        held: "keys stay as they are",
        whenEmpty: "a comment (#) in it would let nobody in"
    )
}
