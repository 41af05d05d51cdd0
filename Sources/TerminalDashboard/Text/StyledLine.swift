/// One line of the screen, or a part of one.
package struct StyledLine: Equatable, Sendable {
    struct Span: Equatable, Sendable {
        var text: String
        var style: TextStyle
    }

    private(set) var spans: [Span] = []
    /// In columns.
    private(set) var width = 0

    init() {}

    /// - Parameter text: from anywhere; only what is harmless of it is kept.
    init(_ text: String, _ style: TextStyle = .normal) {
        append(text, style)
    }

    mutating func append(_ text: String, _ style: TextStyle = .normal) {
        let visible = VisibleText.of(text)
        guard !visible.isEmpty else { return }
        spans.append(Span(text: visible, style: style))
        width += VisibleText.width(visible)
    }

    mutating func append(_ line: StyledLine) {
        spans += line.spans
        width += line.width
    }

    /// Spaces up to that width.
    mutating func pad(to wanted: Int) {
        append(String(repeating: " ", count: max(0, wanted - width)))
    }

    func padded(to wanted: Int) -> StyledLine {
        var line = self
        line.pad(to: wanted)
        return line
    }

    func rightAligned(in wanted: Int) -> StyledLine {
        var line = StyledLine(String(repeating: " ", count: max(0, wanted - width)))
        line.append(self)
        return line
    }

    /// As much as fits, with the mark at its end when that isn't all.
    func cut(to most: Int, mark: String = "") -> StyledLine {
        guard width > most else { return self }
        var rest = max(0, most - VisibleText.width(mark))
        var line = StyledLine()
        for span in spans {
            let part = Self.prefix(of: span.text, width: rest)
            line.append(part, span.style)
            rest -= VisibleText.width(part)
            guard part.unicodeScalars.count == span.text.unicodeScalars.count else {
                line.append(StyledLine(mark, span.style).cut(to: most - line.width))
                break
            }
        }
        return line
    }

    /// The same text, every part made to look otherwise.
    func restyled(_ change: (TextStyle) -> TextStyle) -> StyledLine {
        var line = self
        for index in line.spans.indices { line.spans[index].style = change(line.spans[index].style) }
        return line
    }

    var text: String { spans.map(\.text).joined() }

    private static func prefix(of text: String, width: Int) -> String {
        var result = String.UnicodeScalarView()
        var rest = width
        for scalar in text.unicodeScalars {
            rest -= CharacterWidth.of(scalar)
            guard rest >= 0 else { break }
            result.append(scalar)
        }
        return String(result)
    }
}
