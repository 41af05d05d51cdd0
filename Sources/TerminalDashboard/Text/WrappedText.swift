/// Text over several lines.
enum WrappedText {
    /// - Parameter width: at least 2 is taken, the widest a sign can be.
    static func lines(_ text: String, width: Int) -> [String] {
        let width = max(2, width)
        var lines: [String] = []
        var line = ""
        // Line breaks of others are spaces here.
        for word in text.split(whereSeparator: \.isWhitespace).map({ VisibleText.of(String($0)) }) {
            if !line.isEmpty, VisibleText.width(line) + 1 + VisibleText.width(word) > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
            // Longer than a line: cut where it ends.
            while VisibleText.width(line) > width {
                let part = StyledLine(line).cut(to: width).text
                lines.append(part)
                line = String(String.UnicodeScalarView(line.unicodeScalars.dropFirst(part.unicodeScalars.count)))
            }
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }
}
