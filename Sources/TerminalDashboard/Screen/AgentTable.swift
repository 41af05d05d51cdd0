import ManagementClient

/// The table of agents. Widths are those of all agents, so that scrolling moves nothing.
struct AgentTable {
    private let state: DashboardState
    private let glyphs: Glyphs
    private let rows: [Row]
    private let columns: [(column: Column, width: Int)]

    enum Column {
        case name, address, model, slots, tokens, cache, report, state, problem
    }

    private struct Row {
        let agent: FleetDocument.Agent
        let cells: [Column: StyledLine]
    }

    private static let order: [Column] = [.name, .address, .model, .slots, .tokens, .cache, .report, .state, .problem]
    /// What goes first where there is no room for all, and nothing is wrong.
    private static let dispensable: [Column] = [.problem, .model, .cache, .report, .tokens, .address, .slots]
    /// The same where something is: what it is counts more than how it is otherwise.
    private static let dispensableInTrouble: [Column] = [.model, .cache, .report, .address, .tokens, .problem, .slots]
    private static let gap = 2
    private static let mostBarCells = 16

    init(_ state: DashboardState, glyphs: Glyphs) {
        self.state = state
        self.glyphs = glyphs
        let time = state.clock.time(at: state.now) ?? state.wallTime
        let bar = state.size.width < 40 ? 0 : state.size.width < 100 ? 8 : Self.mostBarCells
        let most = state.agents.map(\.slots.total).max() ?? 0
        // One cell for each slot, or none of the bars is that long.
        let cells = min(bar, most)
        rows = state.agents.map { Row(agent: $0, cells: Self.cells(AgentWords(agent: $0, time: time), cells, glyphs)) }
        columns = Self.fit(
            rows,
            width: state.size.width,
            sortedBy: Self.order.first { Self.order($0) == state.order.column }
        )
    }

    /// Headings, and the agents in view.
    func lines(rows count: Int) -> [StyledLine] {
        guard count > 0 else { return [] }
        let shown = rows.dropFirst(state.firstShown).prefix(max(1, count - 1))
        return (count > 1 ? [headings] : []) + shown.map(line)
    }

    /// Whether the whole problem of that agent is in its row.
    func showsProblem(of agent: FleetDocument.Agent) -> Bool {
        guard let width = columns.first(where: { $0.column == .problem })?.width,
            let row = rows.first(where: { $0.agent.address == agent.address })
        else { return false }
        return row.cells[.problem]?.width ?? 0 <= width
    }

    private var headings: StyledLine {
        arranged(marker: "  ") { Self.heading($0, state, glyphs) }.restyled { _ in .muted }
    }

    private func line(_ row: Row) -> StyledLine {
        let isSelected = row.agent.address == state.selected
        let line = arranged(marker: isSelected ? glyphs.pointer + " " : "  ") { row.cells[$0] ?? StyledLine() }
        guard isSelected else { return line }
        return line.padded(to: state.size.width).restyled {
            TextStyle(colour: $0.colour, isBold: true, isReversed: true)
        }
    }

    private func arranged(marker: String, _ cell: (Column) -> StyledLine) -> StyledLine {
        var line = StyledLine(marker)
        for (index, (column, width)) in columns.enumerated() {
            if index > 0 { line.append(String(repeating: " ", count: Self.gap)) }
            let content = cell(column).cut(to: width, mark: glyphs.cut)
            line.append(Self.isNumber(column) ? content.rightAligned(in: width) : content.padded(to: width))
        }
        return line
    }

    private static func isNumber(_ column: Column) -> Bool {
        switch column {
        case .tokens, .cache, .report: true
        case .name, .address, .model, .slots, .state, .problem: false
        }
    }

    private static func heading(_ column: Column, _ state: DashboardState, _ glyphs: Glyphs) -> StyledLine {
        let text =
            switch column {
            case .name: "NAME"
            case .address: "ADDRESS"
            case .model: "MODEL"
            case .slots: "SLOTS"
            case .tokens: "TOK/S"
            case .cache: "CACHE"
            case .report: "REPORT"
            case .state: "STATE"
            case .problem: "PROBLEM"
            }
        guard state.order.column == order(column) else { return StyledLine(text) }
        return StyledLine(text + (state.order.isReversed ? glyphs.descending : glyphs.ascending))
    }

    private static func order(_ column: Column) -> AgentOrder.Column? {
        switch column {
        case .name: .name
        case .address: .address
        case .model: .model
        case .slots: .slots
        case .tokens: .tokens
        case .cache: .cache
        case .report: .report
        case .state: .state
        case .problem: nil
        }
    }

    private static func cells(_ words: AgentWords, _ bar: Int, _ glyphs: Glyphs) -> [Column: StyledLine] {
        let agent = words.agent
        var slots = SlotBar(agent.slots).line(glyphs, cells: bar)
        if bar > 0 { slots.pad(to: bar + 1) }
        slots.append(words.slots)
        return [
            .name: StyledLine(agent.shownName, .strong),
            .address: StyledLine(agent.address),
            .model: StyledLine(agent.models.first ?? ""),
            .slots: slots,
            .tokens: StyledLine(agent.tokensPerSecond.map(AmountText.number) ?? "-"),
            .cache: StyledLine(agent.cacheHitRatio.map(AmountText.percent) ?? "-"),
            .report: StyledLine(words.lastReport ?? "-"),
            .state: StyledLine(words.state.word, TextStyle(colour: words.state.colour)),
            .problem: StyledLine(words.problem ?? "", TextStyle(colour: words.state.colour)),
        ]
    }

    /// - Parameter sorted: by what the table is sorted, which stays in view as long as anything but names does.
    private static func fit(_ rows: [Row], width: Int, sortedBy sorted: Column?) -> [(column: Column, width: Int)] {
        var natural: [Column: Int] = [:]
        for column in order {
            let widest = rows.lazy.compactMap { $0.cells[column]?.width }.max() ?? 0
            natural[column] = max(widest, reserved(column))
        }
        var chosen = order
        let least = { (column: Column) in min(natural[column] ?? 0, leastWidth(column, of: width)) }
        let taken = { (columns: [Column]) in columns.reduce(0) { $0 + least($1) + gap } }
        let isTroubled = rows.contains { $0.cells[.problem]?.width ?? 0 > 0 }
        let dispensable = (isTroubled ? dispensableInTrouble : dispensable).filter { $0 != sorted }
        for column in dispensable + [sorted].compactMap(\.self)
        where taken(chosen) > width && column != .name && column != .state {
            chosen.removeAll { $0 == column }
        }
        var widths = Dictionary(uniqueKeysWithValues: chosen.map { ($0, least($0)) })
        var rest = width - taken(chosen)
        for column in [Column.name, .model, .problem] where rest > 0 && chosen.contains(column) {
            let wanted = column == .problem ? rest : min(natural[column] ?? 0, 40) - (widths[column] ?? 0)
            let more = min(rest, max(0, wanted))
            widths[column, default: 0] += more
            rest -= more
        }
        if rest < 0 {
            // Not even these: the name gives way.
            widths[.name] = max(4, (widths[.name] ?? 0) + rest)
        }
        return chosen.map { ($0, widths[$0] ?? 0) }
    }

    /// The heading's, with an arrow, so that sorting moves nothing.
    private static func reserved(_ column: Column) -> Int {
        switch column {
        case .name: 5
        case .address: 8
        case .model: 6
        case .slots: 6
        case .tokens: 6
        case .cache: 6
        case .report: 7
        case .state: 9
        case .problem: 24
        }
    }

    private static func leastWidth(_ column: Column, of width: Int) -> Int {
        switch column {
        case .name: width < 40 ? 6 : 12
        case .model: 14
        case .problem: 24
        case .address, .slots, .tokens, .cache, .report, .state: 48
        }
    }
}
