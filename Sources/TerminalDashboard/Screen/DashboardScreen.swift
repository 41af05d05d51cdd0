/// A dashboard's state as lines of text.
package enum DashboardScreen {
    /// - Returns: as many lines as the screen has, none wider than it.
    package static func lines(_ state: DashboardState, glyphs: Glyphs) -> [StyledLine] {
        let layout = ScreenLayout(state)
        let header = HeaderPart(state: state, glyphs: glyphs)
        var lines: [StyledLine] = []
        if layout.titleRows > 0 { lines.append(header.title) }
        switch layout.metrics {
        case .none: break
        case .summary: lines.append(header.summary)
        case .cells(let perRow): lines += MetricCell.lines(state, glyphs: glyphs, perRow: perRow)
        }
        lines += ModelLines.lines(state, glyphs: glyphs, count: layout.modelRows)
        if layout.ruleRows > 0 { lines.append(header.rule) }
        lines += pane(state, glyphs, rows: layout.paneRows)
        if layout.problemRows > 0 { lines.append(FooterPart.problem(state)) }
        lines = lines.map(faded(state))
        if layout.titleRows > 0, let complaint = header.complaint { lines[0] = complaint }
        if layout.footerRows > 0 { lines.append(FooterPart.line(state)) }
        return lines.prefix(state.size.height).map { $0.cut(to: state.size.width, mark: glyphs.cut) }
    }

    private static func pane(_ state: DashboardState, _ glyphs: Glyphs, rows: Int) -> [StyledLine] {
        let lines: [StyledLine]
        if state.pane != .table {
            lines = Array(TextPane.lines(state, glyphs: glyphs).dropFirst(state.firstLine))
        } else if state.agents.isEmpty {
            lines = TextPane.emptyTable(state)
        } else {
            lines = AgentTable(state, glyphs: glyphs).lines(rows: rows)
        }
        return Array(lines.prefix(rows)) + Array(repeating: StyledLine(), count: max(0, rows - lines.count))
    }

    /// What may no longer be true is grey.
    private static func faded(_ state: DashboardState) -> (StyledLine) -> StyledLine {
        guard case .lost = state.connection else { return { $0 } }
        return { $0.restyled { TextStyle(colour: .muted, isReversed: $0.isReversed) } }
    }
}
