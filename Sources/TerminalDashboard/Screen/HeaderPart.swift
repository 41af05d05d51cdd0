import ManagementClient

/// What stands above the table.
struct HeaderPart {
    let state: DashboardState
    let glyphs: Glyphs

    private var width: Int { state.size.width }

    var title: StyledLine {
        guard let snapshot = state.snapshot else { return named(StyledLine("connecting ...", .muted)) }
        let fleet = FleetSummary(snapshot)
        let health = fleet.health
        // Where nothing else says it.
        let slots = ScreenLayout(state).metrics == .none ? "\(fleet.slotsBusy)/\(fleet.slotsTotal) " : ""
        let style = TextStyle(colour: health.colour, isBold: true)
        return named(StyledLine("\(glyphs.bullet) \(slots)\(health.words)", style))
    }

    /// In the title's place while there is no connection.
    var complaint: StyledLine? {
        guard case .lost(let reason, let retryAt) = state.connection else { return nil }
        let seconds = max(0, Int(((retryAt - state.now) / .seconds(1)).rounded(.up)))
        let what = state.snapshot == nil ? "no connection" : "connection lost"
        let again = seconds == 0 ? "trying again" : "trying again (\(seconds) s)"
        return named(StyledLine("\(glyphs.bullet) \(what): \(reason), \(again)", TextStyle.bad.bold))
    }

    /// The words with the balancer before and its version behind, where they fit.
    private func named(_ words: StyledLine) -> StyledLine {
        var name = StyledLine("paddler ", TextStyle.accent.bold)
        name.append(state.balancer + "  ")
        var line = name.width + words.width <= width ? name : StyledLine()
        line.append(words)
        let version = version
        guard line.width + 2 + version.width <= width else { return line }
        line.append(version.rightAligned(in: width - line.width))
        return line
    }

    private var version: StyledLine {
        guard let fleet = state.snapshot?.fleet else { return StyledLine() }
        let uptime = fleet.uptimeSeconds.map { "up " + AmountText.uptime($0) }
        return StyledLine([fleet.version, uptime].compactMap(\.self).joined(separator: "  "), .muted)
    }

    /// All measures on one line.
    var summary: StyledLine {
        guard let snapshot = state.snapshot else { return StyledLine() }
        let fleet = FleetSummary(snapshot)
        var parts = ["\(fleet.slotsBusy)/\(fleet.slotsTotal) slots"]
        if let queued = fleet.queued { parts.append("\(queued) waiting") }
        let rates: [(String, Double?)] = [
            ("requests/s", state.history.mean(\.requests, seconds: MetricCell.window)),
            ("tokens/s", state.history.mean(\.tokensGenerated, seconds: MetricCell.window)),
        ]
        for (name, value) in rates {
            if let value { parts.append("\(AmountText.number(value)) \(name)") }
        }
        return StyledLine(parts.joined(separator: "  "))
    }

    /// Between header and table.
    var rule: StyledLine {
        let (left, right): (String, String)
        switch state.pane {
        case .table where state.snapshot == nil: (left, right) = ("", "")
        case .table:
            let omitted = state.snapshot?.omitted ?? 0
            let total = (state.snapshot?.agents.count ?? 0) + omitted
            let all = AmountText.count(total, "server", "servers")
            let count =
                if !state.filter.isEmpty {
                    "\(state.agents.count) of \(all) with \"\(state.filter.text)\""
                } else if omitted > 0 {
                    "\(state.agents.count) of \(all), / finds others"
                } else {
                    all
                }
            left = "\(count), \(state.order.words)" + position
            let hasHistory = state.snapshot?.fleet?.sample != nil && ScreenLayout(state).metrics != .summary
            right = hasHistory ? "\(AmountText.count(state.secondsPerColumn, "second", "seconds")) per column" : ""
        case .detail: (left, right) = ("details", "Esc: back")
        case .events: (left, right) = ("events, the newest first", "Esc: back")
        case .requests: (left, right) = (requests, "Esc: back")
        case .log(let log):
            (left, right) = ("log of \(state.agent(log.address)?.shownName ?? log.address)", "Esc: back")
        case .help: (left, right) = ("help", "Esc: back")
        }
        let stroke = String(glyphs.rule)
        var line = StyledLine(stroke + stroke, .muted)
        if !left.isEmpty { line.append(" \(left) ", .muted) }
        let end = right.isEmpty ? stroke + stroke : " \(right) \(stroke)\(stroke)"
        line.append(String(repeating: stroke, count: max(0, width - line.width - VisibleText.width(end))), .muted)
        if line.width + VisibleText.width(end) <= width { line.append(end, .muted) }
        return line
    }

    private var requests: String {
        guard case .some(let document) = state.requests.content else { return "requests" }
        let filter = state.requestFilter.isEmpty ? "" : ", with \"\(state.requestFilter.text)\""
        return
            "\(AmountText.count(document.runningTotal, "request", "requests")) under way, then the last ones\(filter)"
    }

    /// Which of the agents are in view, when that isn't all.
    private var position: String {
        let rows = ScreenLayout(state).tableRows
        guard state.agents.count > rows else { return "" }
        return ", \(state.firstShown + 1) to \(min(state.firstShown + rows, state.agents.count))"
    }
}
