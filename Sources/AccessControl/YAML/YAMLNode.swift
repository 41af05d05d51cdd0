/// A part of a document.
struct YAMLNode: Equatable, Sendable {
    /// Where it begins, from 1 on.
    let line: Int
    let content: Content

    enum Content: Equatable, Sendable {
        /// `key:` with nothing behind it, or `~`.
        case nothing
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order in which they stand, no key twice.
        case mapping([YAMLEntry])
    }
}

struct YAMLEntry: Equatable, Sendable {
    let key: YAMLScalar
    let value: YAMLNode
}

/// A text. Whatever looks like a number or a date is one only to those who ask for one.
struct YAMLScalar: Equatable, Sendable {
    /// Where it stands, from 1 on.
    let line: Int
    /// A part of the file, as a rule: copied for whoever has asked for it, it was a third of the time of a large one.
    let text: ArraySlice<UInt8>

    var string: String { String(decoding: text, as: UTF8.self) }

    func equals(_ word: StaticString) -> Bool {
        guard text.count == word.utf8CodeUnitCount else { return false }
        return text.withUnsafeBufferPointer { bytes in
            for index in bytes.indices where bytes[index] != word.utf8Start[index] { return false }
            return true
        }
    }
}
