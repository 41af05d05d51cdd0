/// Lines in, the bytes that change what a terminal shows out. Knows what it shows.
struct ScreenWriter {
    private let depth: ColourDepth
    private let isASCII: Bool
    private var shown: [String] = []

    init(depth: ColourDepth, isASCII: Bool) {
        self.depth = depth
        self.isASCII = isASCII
    }

    /// The other screen, without a cursor, without line breaks of the terminal's own, and pasted text marked as such.
    static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[?2004h"
    /// All of it undone, whatever was being written.
    static let leave = "\u{1B}[?2026l\u{1B}[0m\u{1B}[?2004l\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// What is on the screen isn't known any more.
    mutating func forget() {
        shown = []
    }

    /// - Returns: one frame, shown at once by terminals that know synchronized updates; empty: nothing has changed.
    mutating func frame(_ lines: [StyledLine], width: Int) -> String {
        let encoded = lines.map { encode($0, width: width) }
        var frame = shown.count == encoded.count ? "" : "\u{1B}[0m\u{1B}[2J"
        for (index, line) in encoded.enumerated() where !(shown.count == encoded.count && shown[index] == line) {
            frame += "\u{1B}[\(index + 1);1H" + line
        }
        shown = encoded
        return frame.isEmpty ? "" : "\u{1B}[?2026h" + frame + "\u{1B}[?2026l"
    }

    private func encode(_ line: StyledLine, width: Int) -> String {
        let line = line.cut(to: width)
        var text = ""
        var style: TextStyle?
        for span in line.spans {
            if span.style != style { text += depth.sequence(span.style) }
            style = span.style
            text += isASCII ? VisibleText.inASCII(span.text) : span.text
        }
        text += depth.sequence(.normal)
        // At the end of a full line this would erase its last sign.
        return line.width < width ? text + "\u{1B}[K" : text
    }
}
