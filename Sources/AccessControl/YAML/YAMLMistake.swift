/// What is wrong in a file, and where.
struct YAMLMistake: Error, Equatable, CustomStringConvertible {
    /// From 1 on.
    let line: Int
    /// In words, with the key that it is about in front.
    let reason: String

    init(_ line: Int, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    var description: String { "line \(line): \(reason)" }
}
