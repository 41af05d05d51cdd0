/// The ring of keys of one door, and where they come from.
public struct KeySource: Sendable {
    public let ring: KeyRing
    private let fixed: KeySet
    let file: FileOfKeys?

    /// A file, and what was in it at the start.
    struct FileOfKeys: Sendable {
        let file: KeyFile
        let contents: [UInt8]
    }

    /// - Parameters:
    ///   - keys: given once and for all.
    ///   - file: of further ones, which may change. With no key and no file the door stands open.
    /// - Throws: ``KeyFileFailure`` when the file can't be read now.
    public init(keys: [String], file: KeyFile?) throws(KeyFileFailure) {
        fixed = KeySet(keys)
        guard let file else {
            self.file = nil
            ring = KeyRing(fixed, isClosed: !keys.isEmpty)
            return
        }
        let contents = try file.contents()
        self.file = FileOfKeys(file: file, contents: contents)
        ring = KeyRing(fixed.union(KeySet(KeyFileLine.keys(in: contents))), isClosed: true)
    }

    /// Exchanges the file's keys.
    ///
    /// - Returns: how many keys let somebody in now.
    func take(_ contents: [UInt8]) -> Int {
        let keys = fixed.union(KeySet(KeyFileLine.keys(in: contents)))
        ring.replace(keys)
        return keys.count
    }
}
