/// The last lines of what a server's processes have printed, one after the other, within limits. Lines are numbered from 1 on.
package struct LogTail: Sendable {
    /// More is dropped, the oldest first.
    package static let mostLines = 2000
    /// UTF-8 bytes of all lines together; more is dropped, too.
    package static let mostBytes = 256 << 10
    /// UTF-8 bytes of a line; the rest of a longer one is dropped, which its end says.
    package static let longestLine = 2000
    /// UTF-8 bytes of a line in an excerpt.
    package static let longestExcerptLine = 500

    private struct Line {
        let text: String
        /// Said of the process, and not printed by it.
        let isNote: Bool
    }

    /// From `first` on.
    private var lines: [Line] = []
    /// Where the oldest line is that is kept.
    private var first = 0
    private var bytes = 0
    /// The number of the newest line; 0: there is none.
    package private(set) var last = 0
    /// The number of the newest line before those of the present process.
    private var lastBefore = 0

    private var line: [UInt8] = []
    private var isLineCut = false

    package init() {}

    /// A new process is about to print.
    package mutating func begin() {
        lastBefore = last
    }

    /// - Returns: the lines that have become whole.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> [String] {
        var whole: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                if let line = endLine() { whole.append(line) }
            } else if line.count < Self.longestLine {
                line.append(byte)
            } else {
                isLineCut = true
            }
        }
        return whole
    }

    /// Nothing more comes of this process.
    ///
    /// - Returns: the last line, if it hadn't ended yet.
    package mutating func end() -> String? {
        endLine()
    }

    /// Something is said of the process, on a line of its own.
    package mutating func note(_ text: String) {
        add(Line(text: text, isNote: true))
    }

    /// The last lines of the present process, as many as fit; one at least.
    ///
    /// - Parameter limit: UTF-8 bytes of all together.
    package func excerpt(bytes limit: Int) -> [String] {
        var taken: [String] = []
        var count = 0
        let start = max(first, lines.count - (last - lastBefore))
        for line in lines[start...].reversed() where !line.isNote {
            let text = Self.cut(line.text, to: Self.longestExcerptLine)
            count += text.utf8.count + 1
            guard count <= limit || taken.isEmpty else { break }
            taken.append(text)
        }
        return taken.reversed()
    }

    /// Some of the lines.
    package struct Part: Equatable, Sendable {
        package var lines: [String]
        /// How many that were wanted aren't kept any more.
        package var leftOut: Int
        /// The number of the last of them; without any, of the newest line.
        package var last: Int
        /// Whether there are more that didn't fit.
        package var hasMore: Bool

        package init(lines: [String], leftOut: Int, last: Int, hasMore: Bool) {
            self.lines = lines
            self.leftOut = leftOut
            self.last = last
            self.hasMore = hasMore
        }
    }

    /// - Parameters:
    ///   - number: of the last line that is known; nil: the last lines are wanted.
    ///   - count: of lines, at most.
    ///   - limit: UTF-8 bytes of all together; one line is given at least.
    ///   - mostAtOnce: of lines that are given now.
    package func part(after number: Int?, count: Int, mostAtOnce: Int, bytes limit: Int) -> Part {
        let before = last - (lines.count - first)
        let wanted = number.map { min(max($0, 0), last) } ?? max(before, last - count)
        let start = max(wanted, before)
        var taken: [String] = []
        var size = 0
        for line in lines[(first + start - before)...].prefix(min(count, mostAtOnce)) {
            size += line.text.utf8.count + 1
            guard size <= limit || taken.isEmpty else { break }
            taken.append(line.text)
        }
        let end = start + taken.count
        return Part(lines: taken, leftOut: start - wanted, last: end, hasMore: end < last)
    }

    private mutating func endLine() -> String? {
        defer {
            line.removeAll(keepingCapacity: true)
            isLineCut = false
        }
        let text = Self.text(line) + (isLineCut ? "…" : "")
        guard text.contains(where: { !$0.isWhitespace }) else { return nil }
        add(Line(text: text, isNote: false))
        return text
    }

    /// Tabs become spaces. What else isn't to be shown becomes what stands for it: in messages it would take six bytes for one.
    private static func text(_ line: [UInt8]) -> String {
        let text = String(decoding: line, as: UTF8.self)
        guard line.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    if scalar == "\t" { return " " }
                    return scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : scalar
                }
            )
        )
    }

    private static func cut(_ text: String, to limit: Int) -> String {
        text.utf8.count > limit ? String(decoding: text.utf8.prefix(limit), as: UTF8.self) : text
    }

    private mutating func add(_ line: Line) {
        lines.append(line)
        last += 1
        bytes += line.text.utf8.count + 1
        while lines.count - first > Self.mostLines || bytes > Self.mostBytes && lines.count - first > 1 {
            bytes -= lines[first].text.utf8.count + 1
            first += 1
        }
        // When half of them are gone, so that a line costs the same however many are kept.
        if first > 64, first * 2 > lines.count {
            lines.removeFirst(first)
            first = 0
        }
    }
}
