/// A line of a file of keys that has a key in it. Bytes, since keys are compared by bytes, whatever they mean to an editor.
struct KeyFileLine: Equatable, Sendable {
    /// From 1 on.
    let number: Int
    let key: [UInt8]

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Lines end with LF, CR or both. A byte order mark, which some editors write, is no part of the first key.
    static func lines(in contents: [UInt8]) -> [KeyFileLine] {
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

    static func keys(in contents: [UInt8]) -> [[UInt8]] {
        lines(in: contents).map(\.key)
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = line.drop(while: isWhiteSpace)
        while let last = rest.last, isWhiteSpace(last) { rest.removeLast() }
        return rest
    }

    static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }
}
