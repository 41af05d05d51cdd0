import KeyFileText

/// Something about a file of keys that is allowed and probably not meant. It never shows a key.
struct KeyFileRemark: Equatable, Sendable, CustomStringConvertible {
    let description: String

    /// So many lines are named; more tell nothing new.
    private static let mostLines = 5

    /// - Parameter mode: the file's permissions; nil: unknown.
    static func all(on contents: [UInt8], mode: UInt32?) -> [KeyFileRemark] {
        permissions(mode) + lines(KeyFileLine.lines(in: contents))
    }

    static func permissions(_ mode: UInt32?) -> [KeyFileRemark] {
        guard let mode else { return [] }
        if mode & 0o002 != 0 {
            return [KeyFileRemark("every user of this machine may change it; chmod o-rw takes that away")]
        }
        if mode & 0o004 != 0 {
            return [KeyFileRemark("every user of this machine may read it; chmod o-r takes that away")]
        }
        return []
    }

    private static func lines(_ lines: [KeyFileLine]) -> [KeyFileRemark] {
        guard !lines.isEmpty else { return [KeyFileRemark("there is no key in it: it lets nobody in")] }
        let remarks = lines.compactMap { line in
            oddity(line.key).map { KeyFileRemark("line \(line.number): \($0)") }
        }
        guard remarks.count > mostLines else { return remarks }
        return remarks.prefix(mostLines) + [KeyFileRemark("\(remarks.count - mostLines) further lines are as odd")]
    }

    private static func oddity(_ key: [UInt8]) -> String? {
        if key.contains(0) {
            return "a key with zero bytes, which no client can send; is the file UTF-16? Save it as UTF-8"
        }
        if key.contains(where: KeyFileLine.isWhiteSpace) {
            return "white space inside a key, which is part of it; comments stand on lines of their own"
        }
        if key.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "a control character inside a key, which no client can send"
        }
        if key.contains(where: { $0 > 0x7F }) {
            return "a key with characters other than ASCII, which many clients cannot send"
        }
        if let first = key.first, key.count > 1, key.last == first,
            first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
        {
            return "quotes around a key, which are part of it"
        }
        return nil
    }

    private init(_ description: String) {
        self.description = description
    }
}
