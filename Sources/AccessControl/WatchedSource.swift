/// A file of which something is made, and made anew when it changes.
public struct WatchedSource: Sendable {
    public let file: OperatorFile
    /// What it was made of at the start.
    let contents: [UInt8]
    let words: Words
    /// What is allowed in such a file and probably not meant, in words.
    let remarks: @Sendable (_ contents: [UInt8]) -> [String]
    /// - Returns: how many things are in it; nil: nothing that wasn't known, and isn't worth a word.
    let take: @Sendable (_ contents: [UInt8]) throws(FileFailure) -> Int?

    /// What the log says of it.
    public struct Words: Sendable {
        /// The file was read again.
        let taken: String
        /// It can't be used as it is now.
        let held: String
        /// Why an empty file changes nothing.
        let whenEmpty: String
        /// There is something odd about it.
        let odd: String

        public init(taken: String, held: String, whenEmpty: String, odd: String = "the file of keys is odd") {
            self.taken = taken
            self.held = held
            self.whenEmpty = whenEmpty
            self.odd = odd
        }
    }

    /// - Parameters:
    ///   - contents: what it was made of at the start.
    ///   - take: makes it anew. It throws when these contents can't be used: the last ones hold then. Returns how many
    ///     things are in it; nil: nothing that wasn't known, and isn't worth a word.
    public init(
        _ file: OperatorFile,
        contents: [UInt8],
        _ words: Words,
        remarks: @escaping @Sendable (_ contents: [UInt8]) -> [String] = { _ in [] },
        take: @escaping @Sendable (_ contents: [UInt8]) throws(FileFailure) -> Int?
    ) {
        self.file = file
        self.contents = contents
        self.words = words
        self.remarks = remarks
        self.take = take
    }
}
