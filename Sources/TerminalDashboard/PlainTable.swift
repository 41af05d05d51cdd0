package import ManagementClient

/// The agents as a table for scripts: headings and a line for each, columns parted by two spaces at least.
package struct PlainTable {
    private let lines: [StyledLine]

    /// - Parameters:
    ///   - wallTime: this machine's, in seconds since 1970, for a balancer that doesn't tell its own.
    package init(_ document: FleetDocument, wallTime: Double) {
        let headings = ["NAME", "ADDRESS", "MODEL", "SLOTS", "TOK/S", "CACHE", "REPORT", "STATE", "PROBLEM"]
        let rows = AgentOrder(.name).sorted(document.agents).map { agent in
            Self.row(AgentWords(agent: agent, time: document.fleet?.time ?? wallTime))
        }
        let table = [headings.map { StyledLine($0, .strong) }] + rows
        let widths = headings.indices.map { column in table.map { $0[column].width }.max() ?? 0 }
        lines = table.map { cells in
            var line = StyledLine()
            for (index, cell) in cells.enumerated() {
                line.append(index == cells.count - 1 ? cell : cell.padded(to: widths[index] + 2))
            }
            return line
        }
    }

    /// - Parameters:
    ///   - width: lines are cut there; nil: not at all.
    ///   - isASCII: the locale has no more.
    package func text(width: Int?, depth: ColourDepth, isASCII: Bool) -> String {
        let glyphs: Glyphs = isASCII ? .ascii : .unicode
        return lines.map { line in
            let line = width.map { line.cut(to: $0, mark: glyphs.cut) } ?? line
            return line.spans.map { span in
                let text = isASCII ? VisibleText.inASCII(span.text) : span.text
                guard depth != .none, span.style != .normal else { return text }
                return depth.sequence(span.style) + text + depth.sequence(.normal)
            }.joined() + "\n"
        }.joined()
    }

    private static func row(_ words: AgentWords) -> [StyledLine] {
        let agent = words.agent
        let state = TextStyle(colour: words.state.colour)
        return [
            StyledLine(agent.name.flatMap { $0.isEmpty ? nil : $0 } ?? "-"),
            StyledLine(agent.address),
            StyledLine(agent.models.first ?? "-"),
            StyledLine(words.slots),
            StyledLine(agent.tokensPerSecond.map(AmountText.number) ?? "-"),
            StyledLine(agent.cacheHitRatio.map(AmountText.percent) ?? "-"),
            StyledLine(words.lastReport ?? "-"),
            StyledLine(words.state.word, state),
            StyledLine(words.problem ?? "-", words.problem == nil ? .normal : state),
        ]
    }
}
