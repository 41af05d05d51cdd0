/// The last lines of what a process has printed, within limits.
package struct LogTail: Sendable {
    /// More is dropped, the oldest first.
    package static let mostLines = 40
    /// UTF-8 bytes of a line; the rest of a longer one is dropped.
    package static let longestLine = 500

    private var lines: [String] = []
    private var line: [UInt8] = []

    package init() {}

    /// - Returns: the lines that have become whole.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> [String] {
        var whole: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let line = endLine() { whole.append(line) }
            } else if line.count < Self.longestLine {
                line.append(byte)
            }
        }
        return whole
    }

    /// Nothing more comes.
    ///
    /// - Returns: the last line, if it hadn't ended yet.
    package mutating func end() -> String? {
        endLine()
    }

    /// The last lines, as many whole ones as fit; the end of the last one at least.
    ///
    /// - Parameter limit: UTF-8 bytes of all together.
    package func last(bytes limit: Int) -> [String] {
        var taken: [String] = []
        var count = 0
        for line in lines.reversed() {
            count += line.utf8.count + 1
            guard count <= limit || taken.isEmpty else { break }
            taken.append(line)
        }
        return taken.reversed()
    }

    private mutating func endLine() -> String? {
        defer { line.removeAll(keepingCapacity: true) }
        let text = String(decoding: line, as: UTF8.self)
        guard text.contains(where: { !$0.isWhitespace }) else { return nil }
        lines.append(text)
        if lines.count > Self.mostLines { lines.removeFirst() }
        return text
    }
}
