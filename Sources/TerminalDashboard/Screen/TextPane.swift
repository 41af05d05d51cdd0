import ManagementClient

/// What stands in the table's place: details of an agent, events, or help.
enum TextPane {
    static func lines(_ state: DashboardState, glyphs: Glyphs = .unicode) -> [StyledLine] {
        switch state.pane {
        case .table: return []
        case .help: return help(glyphs)
        case .events: return EventLines.of(state)
        case .requests: return RequestTable.lines(state, glyphs: glyphs)
        case .log(let log): return LogLines.of(log)
        case .detail(let address):
            guard let agent = state.agent(address) else {
                return [StyledLine("\(address) is not in the balancer's list any more.", .warning)]
            }
            let words = AgentWords(agent: agent, time: state.clock.time(at: state.now) ?? state.wallTime)
            return AgentDetails(words: words, width: state.size.width, glyphs: glyphs).lines
        }
    }

    /// In the place of a table without rows.
    static func emptyTable(_ state: DashboardState) -> [StyledLine] {
        guard let snapshot = state.snapshot else { return [] }
        guard snapshot.agents.isEmpty else {
            return [
                StyledLine(),
                StyledLine("  No server has \"\(state.agentFilter.text)\" in its name, address, model or state."),
            ]
        }
        return [
            StyledLine(),
            StyledLine("  No server is registered.", .strong),
            StyledLine("  Start an agent beside each llama-server:"),
            StyledLine(),
            StyledLine("    paddler agent --management-addr \(state.balancer)", .accent),
        ]
    }

    private static func help(_ glyphs: Glyphs) -> [StyledLine] {
        let keys = [
            ("q, Ctrl-C", "quit"),
            ("Esc", "close this, the details, log, events or requests; show all again; quit"),
            ("j k, arrows", "select a server"),
            ("PageUp, PageDown", "a page"),
            ("g G, Home, End", "the first, the last"),
            ("Enter", "everything about the selected server"),
            ("l", "the log of the selected server, as it comes, if its agent runs it"),
            ("/", "filter servers by name, address, model or state; requests by what they show"),
            ("e", "events: what became of the servers lately"),
            ("w", "requests, one by one: what waits, what runs, how the last ones ended"),
            ("s", "sort by the next column"),
            ("r", "the other way round"),
            ("t", "more or fewer seconds per column of the pictures"),
            ("d u", "drain, undrain the selected server; asks first"),
            ("m M", "load, unload the model of the selected server; unloading asks first"),
            ("Ctrl-Z", "suspend"),
            ("Ctrl-L", "draw everything again"),
        ]
        let slots = [
            (glyphs.leased, "busy with a request of this balancer"),
            (glyphs.foreign, "busy with a request of somebody else"),
            (glyphs.cooling, "perhaps still busy with a request whose client left"),
            (glyphs.idle, "idle"),
        ]
        var lines = keys.map { row($0, $1, .accent) }
        lines.append(StyledLine())
        lines += slots.map { row("slot \($0)", $1, .good) }
        lines.append(StyledLine())
        lines.append(row("tokens/s", "generated tokens, over 10 s", .strong))
        lines.append(row("cache", "prompt tokens found in the server's cache, since the balancer started", .strong))
        lines.append(row("TTFT", "time to first token of streamed answers, over 10 s", .strong))
        return lines
    }

    private static func row(_ term: String, _ meaning: String, _ style: TextStyle) -> StyledLine {
        var line = StyledLine("  " + term, style).padded(to: 20)
        line.append(meaning)
        return line
    }
}
