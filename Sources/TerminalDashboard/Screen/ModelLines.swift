import ManagementClient

/// A line for each model, where there are several.
enum ModelLines {
    /// Of the rows that the table would have otherwise, one in so many at most is for models.
    private static let share = 3
    private static let leastWidth = 40
    private static let mostNameWidth = 40
    private static let barCells = 16

    /// How many lines there are.
    ///
    /// - Parameter rows: that the table would have without them.
    static func count(_ state: DashboardState, of rows: Int) -> Int {
        let models = state.snapshot?.fleet?.models.count ?? 0
        let most = rows / share
        guard models > 0, most > 0, state.size.width >= leastWidth else { return 0 }
        return min(models, most)
    }

    /// - Parameter count: if that is fewer than there are models, those for which somebody waits come first, and the last line
    ///   says how many aren't shown.
    static func lines(_ state: DashboardState, glyphs: Glyphs, count: Int) -> [StyledLine] {
        let models = state.snapshot?.fleet?.models ?? []
        guard count > 0 else { return [] }
        guard models.count > count else { return lines(models, state, glyphs) }
        let shown = models.filter { $0.queued > 0 } + models.filter { $0.queued == 0 }
        let rest = models.count - (count - 1)
        return lines(Array(shown.prefix(count - 1)), state, glyphs)
            + [StyledLine("and \(AmountText.count(rest, "other model", "other models"))", .muted)]
    }

    private static func lines(
        _ models: [FleetDocument.Model],
        _ state: DashboardState,
        _ glyphs: Glyphs
    ) -> [StyledLine] {
        let cells = state.size.width < 80 ? 8 : barCells
        let bars = models.map { bar($0, glyphs, cells: cells) }
        let barWidth = bars.map(\.width).max() ?? 0
        let longest = models.map { StyledLine(shownName($0)).width }.max() ?? 0
        let nameWidth = min(longest, mostNameWidth, max(8, state.size.width - barWidth - 32))
        return zip(models, bars).map { model, bar in
            var line = StyledLine(shownName(model)).cut(to: nameWidth, mark: glyphs.cut).padded(to: nameWidth + 2)
            line.append(bar.padded(to: barWidth + 2))
            let servers = AmountText.count(model.usable, "server", "servers")
            line.append(StyledLine(servers, model.usable == 0 ? .bad : .normal).padded(to: 13))
            guard model.queued > 0 else { return line }
            let oldest = model.oldestWaitMilliseconds.map { ", oldest \(AmountText.milliseconds($0))" } ?? ""
            line.append("\(model.queued) waiting\(oldest)", model.usable == 0 ? .bad : .warning)
            return line
        }
    }

    private static func shownName(_ model: FleetDocument.Model) -> String { model.name ?? "(not named)" }

    private static func bar(_ model: FleetDocument.Model, _ glyphs: Glyphs, cells: Int) -> StyledLine {
        let slots = FleetDocument.Slots(total: model.slotsTotal, leased: model.slotsProcessing)
        var line = SlotBar(slots).line(glyphs, cells: cells)
        line.append((line.width > 0 ? " " : "") + "\(model.slotsProcessing)/\(model.slotsTotal)")
        return line
    }
}
