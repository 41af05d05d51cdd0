import ManagementClient

/// What stands below the table.
enum FooterPart {
    /// What waits for an answer, what has just happened, or which keys there are.
    static func line(_ state: DashboardState) -> StyledLine {
        if let question = state.question {
            return StyledLine("\(verb(question.change)) \(question.agent.inWords)? y/n", TextStyle.warning.bold)
        }
        if state.filter.isTyped {
            var line = StyledLine("/\(state.filter.text)_", TextStyle.accent.bold)
            line.append("   Enter: keep it   Esc: show all", .muted)
            return line
        }
        if let notice = state.notice { return StyledLine(notice.text, notice.isError ? .bad : .good) }
        var line = StyledLine()
        for (key, meaning) in keys(state) {
            let part = " \(key) \(meaning) "
            guard line.width + VisibleText.width(part) <= state.size.width else { break }
            line.append(" \(key)", .accent)
            line.append(" \(meaning) ", .muted)
        }
        return line
    }

    private static func verb(_ change: ManagementClient.Change) -> String {
        switch change {
        case .drain: "Drain"
        case .undrain: "Undrain"
        case .forget: "Forget"
        case .load: "Load"
        case .unload: "Unload the model of"
        }
    }

    /// Of the selected agent, where its row has no room for it.
    static func problem(_ state: DashboardState) -> StyledLine {
        guard state.pane == .table, let agent = state.selectedAgent else { return StyledLine() }
        guard !AgentTable(state, glyphs: .ascii).showsProblem(of: agent) else { return StyledLine() }
        let words = AgentWords(agent: agent, time: state.clock.time(at: state.now) ?? state.wallTime)
        guard let problem = words.problem else { return StyledLine() }
        return StyledLine("  \(agent.shownName): \(problem)", TextStyle(colour: words.state.colour))
    }

    private static func keys(_ state: DashboardState) -> [(String, String)] {
        switch state.pane {
        case .table:
            [
                ("q", "quit"), ("?", "help"), ("j/k", "select"), ("Enter", "details"), ("/", "filter"), ("e", "events"),
                ("w", "requests"), ("l", "log"),
                ("s", "sort"), ("d", "drain"), ("u", "undrain"), ("m/M", "load, unload"), ("r", "reverse"),
                ("t", "time"),
            ]
        case .detail:
            [
                ("Esc", "back"), ("q", "quit"), ("j/k", "scroll"), ("l", "log"), ("d", "drain"), ("u", "undrain"),
                ("m/M", "load, unload"),
            ]
        case .log: [("Esc", "back"), ("q", "quit"), ("j/k", "scroll"), ("G", "its end")]
        case .requests: [("Esc", "back"), ("q", "quit"), ("j/k", "scroll"), ("/", "filter")]
        case .events, .help: [("Esc", "back"), ("q", "quit"), ("j/k", "scroll")]
        }
    }
}
