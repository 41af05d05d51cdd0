/// A line of a file of keys that has a key in it. Bytes, since keys are compared by bytes, whatever they mean to an editor.
package struct KeyFileLine: Equatable, Sendable {
    /// From 1 on.
    package let number: Int
    package let key: [UInt8]

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Lines end with LF, CR or both. A byte order mark, which some editors write, is no part of the first key.
    package static func lines(in contents: [UInt8]) -> [KeyFileLine] {
        let text = contents.starts(with: byteOrderMark) ? contents.dropFirst(byteOrderMark.count) : contents[...]
        var lines: [KeyFileLine] = []
        var number = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            for piece in line.split(separator: UInt8(ascii: "\r")) {
                let key = trimmed(piece)
                if let first = key.first, first != UInt8(ascii: "#") {
                    lines.append(KeyFileLine(number: number, key: Array(key)))
                }
            }
        }
        return lines
    }

    package static func keys(in contents: [UInt8]) -> [[UInt8]] {
        lines(in: contents).map(\.key)
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = line.drop(while: isWhiteSpace)
        while let last = rest.last, isWhiteSpace(last) { rest.removeLast() }
        return rest
    }

    package static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }

    /// What a file has for whoever shows a key instead of asking for one.
    package static func firstKey(in contents: [UInt8]) throws(NoKey) -> String {
        guard let key = keys(in: contents).first else { throw .none }
        // RFC 9110 5.5, without the spaces.
        guard key.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .notVisible }
        return String(decoding: key, as: UTF8.self)
    }

    /// Why there is no key to show.
    package enum NoKey: Error, CustomStringConvertible {
        case none
        case notVisible

        package var description: String {
            switch self {
            case .none: "there is no key in it"
            case .notVisible: "its first key has characters other than visible ASCII"
            }
        }
    }
}
