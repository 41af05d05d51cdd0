import ManagementClient

extension DashboardState {
    mutating func handle(_ key: Key) -> [DashboardDecision] {
        switch key {
        case .control("c"): return [.quit]
        case .control("z"): return [.suspend]
        case .control("l"): return [.repaint]
        default: break
        }
        if let question { return answer(question, key) }
        if filter.isTyped {
            filter.take(key)
            return []
        }
        switch key {
        case .character("q"): return [.quit]
        case .escape: return leavePane()
        case .character("?"): return show(pane == .help ? .table : .help)
        case .character("e"):
            return show(pane == .events ? .table : .events) + loadListing()
        case .character("w"):
            return show(pane == .requests ? .table : .requests) + loadListing()
        case .character("l"): return toggleLog()
        case .character("/"):
            defer { filter.begin() }
            if pane != .requests { return show(.table) }
        case .enter: return toggleDetail()
        case .character("s"): order.next()
        case .character("r"): order.isReversed.toggle()
        case .character("t"): widenTime()
        case .character("d"): ask(.drain)
        case .character("u"): ask(.undrain)
        case .character("m"): return load()
        case .character("M"): ask(.unload)
        default: scroll(key)
        }
        return []
    }

    private mutating func answer(_ question: Question, _ key: Key) -> [DashboardDecision] {
        self.question = nil
        if key == .character("y") || key == .character("Y") { return [.change(question.change, question.agent)] }
        notify("nothing was changed")
        return []
    }

    private mutating func leavePane() -> [DashboardDecision] {
        switch pane {
        case .table where !filter.isEmpty, .requests where !filter.isEmpty: filter.clear()
        case .table: return [.quit]
        case .detail, .events, .requests, .log, .help: return show(.table)
        }
        return []
    }

    private mutating func show(_ pane: Pane) -> [DashboardDecision] {
        defer {
            self.pane = pane
            firstLine = 0
        }
        return if case .log = self.pane { [.leaveLog] } else { [] }
    }

    private mutating func toggleDetail() -> [DashboardDecision] {
        if pane != .table { return show(.table) }
        return selected.map { show(.detail($0)) } ?? []
    }

    private mutating func toggleLog() -> [DashboardDecision] {
        if case .log = pane { return show(.table) }
        guard let agent = meant else { return [] }
        guard agent.tellsLog else {
            notify("the agent of \(agent.listed.inWords) can't tell its server's log", isError: true)
            return []
        }
        return show(.log(FollowedLog(address: agent.address))) + [.followLog(agent.listed)]
    }

    private mutating func widenTime() {
        let steps = [1, 5, 20]
        secondsPerColumn = steps.first { $0 > secondsPerColumn } ?? steps[0]
    }

    /// What a key is about.
    private var meant: FleetDocument.Agent? {
        switch pane {
        case .table: selectedAgent
        case .detail(let address): agent(address)
        case .events, .requests, .log, .help: nil
        }
    }

    /// Nothing goes for it, so that there is nothing to ask.
    private mutating func load() -> [DashboardDecision] {
        guard let meant, isLoadable(meant) else { return [] }
        return [.change(.load, meant.listed)]
    }

    private mutating func isLoadable(_ agent: FleetDocument.Agent) -> Bool {
        guard agent.onDemand == nil || agent.id.isEmpty else { return true }
        notify("\(agent.listed.inWords) isn't loaded and unloaded on demand", isError: true)
        return false
    }

    private mutating func ask(_ change: ManagementClient.Change) {
        guard let meant else { return }
        if change == .unload, !isLoadable(meant) { return }
        guard !meant.id.isEmpty else {
            return notify("\(meant.listed.inWords) has no agent any more and gets no new requests", isError: true)
        }
        question = Question(change: change, agent: meant.listed)
    }

    private mutating func scroll(_ key: Key) {
        let layout = ScreenLayout(self)
        let page = max(1, (pane == .table ? layout.tableRows : layout.paneRows) - 1)
        let rows: Int
        switch key {
        case .character("j"), .down: rows = 1
        case .character("k"), .up: rows = -1
        case .pageDown, .control("f"), .character(" "): rows = page
        case .pageUp, .control("b"): rows = -page
        case .character("g"), .home: rows = -1_000_000
        case .character("G"), .end: rows = 1_000_000
        default: return
        }
        if pane == .table { move(by: rows) } else { firstLine += rows }
    }
}
