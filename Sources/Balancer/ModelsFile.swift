public import AccessControl
public import Scheduling

/// A file of what requests may call models, read again when it changes and on SIGHUP.
public struct ModelsFile: Sendable {
    let file: OperatorFile
    let read: @Sendable (_ contents: [UInt8]) throws(FileFailure) -> ModelRules

    /// - Parameter read: makes rules of what is in the file; throws when that has a mistake in it.
    public init(
        _ file: OperatorFile,
        read: @escaping @Sendable (_ contents: [UInt8]) throws(FileFailure) -> ModelRules
    ) {
        self.file = file
        self.read = read
    }

    /// What keeps the rules up to date.
    ///
    /// - Parameter take: called with the rules, now and after each change.
    /// - Throws: ``FileFailure`` when the file can't be used now.
    func watched(take: @escaping @Sendable (ModelRules) -> Void) throws(FileFailure) -> WatchedSource {
        let contents = try file.contents()
        take(try read(contents))
        return WatchedSource(file, contents: contents, Self.words) { [read] contents throws(FileFailure) in
            let rules = try read(contents)
            take(rules)
            return rules.aliases.count + rules.maximumQueued.count
        }
    }

    private static let words = WatchedSource.Words(
        taken: "names of models read again",
        held: "names of models stay as they are",
        whenEmpty: "a comment (#) in it would take all names away"
    )
}
