package import ManagementClient

/// By what the table is sorted.
package struct AgentOrder: Equatable, Sendable {
    package var column: Column
    package var isReversed = false

    /// - Parameter column: by default the one that has what needs somebody in front.
    package init(_ column: Column = .state) {
        self.column = column
    }

    package enum Column: String, CaseIterable, Sendable {
        case name, address, model, slots
        case tokens = "tokens/s"
        case cache
        case report = "last report"
        case state
    }

    /// In words: `name`, `problems first`.
    var words: String {
        switch (column, isReversed) {
        case (.state, false): "problems first"
        case (.state, true): "problems last"
        case (_, false): "by \(column.rawValue)"
        case (_, true): "by \(column.rawValue), reversed"
        }
    }

    mutating func next() {
        let all = Column.allCases
        column = all[((all.firstIndex(of: column) ?? 0) + 1) % all.count]
        isReversed = false
    }

    /// Numbers begin with the largest, since that is what one looks for. Equal ones are in the order of names.
    package func sorted(_ agents: [FleetDocument.Agent]) -> [FleetDocument.Agent] {
        agents.sorted { first, second in
            let (one, two) = isReversed ? (second, first) : (first, second)
            if isBefore(one, two) { return true }
            if isBefore(two, one) { return false }
            return Self.isNamedBefore(first, second)
        }
    }

    private func isBefore(_ one: FleetDocument.Agent, _ two: FleetDocument.Agent) -> Bool {
        switch column {
        case .name: NaturalOrder.isBefore(one.shownName, two.shownName)
        case .address: NaturalOrder.isBefore(one.address, two.address)
        case .model: NaturalOrder.isBefore(one.models.first ?? "", two.models.first ?? "")
        case .slots: one.busyRatio > two.busyRatio
        case .tokens: (one.tokensPerSecond ?? -1) > (two.tokensPerSecond ?? -1)
        case .cache: (one.cacheHitRatio ?? -1) > (two.cacheHitRatio ?? -1)
        case .report: (one.lastUpdate ?? 0) < (two.lastUpdate ?? 0)
        case .state: one.stateRank < two.stateRank
        }
    }

    private static func isNamedBefore(_ one: FleetDocument.Agent, _ two: FleetDocument.Agent) -> Bool {
        one.shownName == two.shownName
            ? NaturalOrder.isBefore(one.address, two.address)
            : NaturalOrder.isBefore(one.shownName, two.shownName)
    }
}

extension FleetDocument.Agent {
    /// What it is called where people look.
    var shownName: String { name.flatMap { $0.isEmpty ? nil : $0 } ?? address }

    fileprivate var busyRatio: Double { slots.total == 0 ? -1 : Double(slots.busy) / Double(slots.total) }

    /// What needs somebody comes first, then what is on purpose or passes.
    fileprivate var stateRank: Int {
        switch AgentWords(agent: self, time: nil).state.colour {
        case .bad: 0
        case .warning: 1
        case .normal, .muted, .accent, .good: 2
        }
    }
}
