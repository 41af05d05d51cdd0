/// The ring of keys of one door, and where they come from.
public struct KeySource: Sendable {
    public let ring: KeyRing
    let fixed: KeySet
    let file: KeyFile?

    /// - Parameters:
    ///   - keys: given once and for all.
    ///   - file: of further ones, which may change. With no key and no file the door stands open.
    /// - Throws: ``KeyFileFailure`` when the file can't be read now.
    public init(keys: [String], file: KeyFile?) throws(KeyFileFailure) {
        fixed = KeySet(keys)
        self.file = file
        guard let file else {
            ring = KeyRing(fixed, isClosed: !keys.isEmpty)
            return
        }
        ring = KeyRing(fixed.union(try file.keys()), isClosed: true)
    }
}
