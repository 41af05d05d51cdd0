import ManagementClient

/// A dashboard without a terminal, a clock or a connection: inputs in, decisions out.
package struct DashboardState: Sendable {
    /// What people call the balancer: its address.
    let balancer: String
    var size: TerminalSize
    /// Nil until there is one.
    private(set) var snapshot: FleetDocument?
    var history = FleetHistory()
    private(set) var connection = Connection.connecting
    var clock = BalancerClock()
    /// Of this machine, when the last snapshot came, in seconds since 1970: for balancers that don't tell theirs.
    private(set) var wallTime: Double?
    /// As it was at the last input, from any start.
    private(set) var now: Duration = .zero

    /// Sorted and filtered, as shown.
    private(set) var agents: [FleetDocument.Agent] = []
    var order = AgentOrder()
    var agentFilter = RowFilter()
    /// Those that the balancer has found by the filter, of a fleet that is too large to be watched as a whole.
    private var search = FleetSearch()
    var events = Listing<EventsDocument>()
    var requests = Listing<RequestsDocument>()
    var requestFilter = RowFilter()
    /// By its address. Nil: there is none to select.
    var selected: String?
    /// Where the selected one was, for when it goes.
    private var selectedIndex = 0
    /// The first agent in view.
    private(set) var firstShown = 0
    var pane = Pane.table
    /// The first line in view of a pane of text.
    var firstLine = 0
    var secondsPerColumn = 5
    var question: Question?
    private(set) var notice: Notice?

    enum Connection: Equatable, Sendable {
        case connecting
        case connected
        case lost(reason: String, retryAt: Duration)
    }

    enum Pane: Equatable, Sendable {
        case table
        /// Of the agent with the address.
        case detail(String)
        case events
        case requests
        case log(FollowedLog)
        case help
    }

    /// Waits for yes or no.
    struct Question: Equatable, Sendable {
        let change: ManagementClient.Change
        let agent: ListedAgent
    }

    struct Notice: Equatable, Sendable {
        let text: String
        let isError: Bool
        let until: Duration
    }

    private static let noticeDuration: Duration = .seconds(6)

    package init(balancer: String, size: TerminalSize) {
        self.balancer = balancer
        self.size = size
    }

    /// - Parameters:
    ///   - now: from any start, never backwards.
    package mutating func handle(_ input: DashboardInput, at now: Duration) -> [DashboardDecision] {
        self.now = now
        if let notice, notice.until <= now { self.notice = nil }
        defer { settle() }
        switch input {
        case .key(let key): return handle(key) + searching()
        case .resized(let size):
            self.size = size
            return [.repaint]
        case .found(let document, let words):
            search.found(document?.agents ?? [], by: words)
            return []
        case .tick: return loadListing() + searching()
        case .snapshot(let document, let wallTime):
            self.wallTime = wallTime
            return take(document)
        case .history(let document):
            history.load(document)
            return []
        case .events(let document):
            events.load(document)
            return []
        case .requests(let document):
            requests.load(document)
            return []
        case .log(let lines, let address):
            takeLog(of: address) { $0.add(lines) }
            return []
        case .logEnded(let reason, let address):
            takeLog(of: address) { $0.end(reason) }
            return []
        case .lost(let reason, let retryIn):
            connection = .lost(reason: reason, retryAt: now + retryIn)
            return []
        case .done(let text):
            notify(text)
            return []
        case .failed(let text):
            notify(text, isError: true)
            return []
        }
    }

    private mutating func take(_ document: FleetDocument) -> [DashboardDecision] {
        if connection != .connected {
            connection = .connected
            history.reconnected()
        }
        snapshot = document
        if let time = document.fleet?.time { clock.hear(time, at: now) }
        guard let sample = document.fleet?.sample else { return [] }
        return history.add(sample) ? [.loadHistory] : []
    }

    /// What the filter may mean that isn't listed is asked for, as long as there is a filter.
    private mutating func searching() -> [DashboardDecision] {
        guard let snapshot, snapshot.omitted > 0, !agentFilter.isTyped, pane == .table else { return [] }
        return search.wantLoading(agentFilter.text, at: now).map { [.search($0)] } ?? []
    }

    /// What is looked at, every few seconds.
    mutating func loadListing() -> [DashboardDecision] {
        switch pane {
        case .events: events.wantLoading(at: now) ? [.loadEvents] : []
        case .requests: requests.wantLoading(at: now) ? [.loadRequests] : []
        case .table, .detail, .log, .help: []
        }
    }

    /// At its end it stays there.
    private mutating func takeLog(of address: String, _ change: (inout FollowedLog) -> Void) {
        guard case .log(var log) = pane, log.address == address else { return }
        let isAtEnd = firstLine >= lastFirstLine
        change(&log)
        pane = .log(log)
        if isAtEnd { firstLine = lastFirstLine }
    }

    /// With which the last line of a pane of text is in view.
    private var lastFirstLine: Int { max(0, TextPane.lines(self).count - ScreenLayout(self).paneRows) }

    /// Of what is looked at, or else of the table.
    var filter: RowFilter {
        get { pane == .requests ? requestFilter : agentFilter }
        set { if pane == .requests { requestFilter = newValue } else { agentFilter = newValue } }
    }

    mutating func notify(_ text: String, isError: Bool = false) {
        notice = Notice(text: text, isError: isError, until: now + Self.noticeDuration)
    }

    mutating func move(by rows: Int) {
        guard !agents.isEmpty else { return }
        let index = min(max(selectedIndex + rows, 0), agents.count - 1)
        selected = agents[index].address
    }

    /// Whether nothing has been heard of the balancer yet.
    var isNew: Bool { snapshot == nil && connection == .connecting }

    var selectedAgent: FleetDocument.Agent? { selected.flatMap(agent) }

    func agent(_ address: String) -> FleetDocument.Agent? { known.first { $0.address == address } }

    /// Those of the snapshot, and what was found beside them.
    private var known: [FleetDocument.Agent] {
        guard let snapshot else { return [] }
        guard snapshot.omitted > 0, !search.agents.isEmpty, !agentFilter.isEmpty else { return snapshot.agents }
        let listed = Set(snapshot.agents.map(\.address))
        return snapshot.agents + search.agents.filter { !listed.contains($0.address) }
    }

    /// Whatever happened: the selection is on an agent and in view.
    private mutating func settle() {
        agents = order.sorted(known.filter { agentFilter.shows(AgentWords.known(of: $0)) })
        if let index = agents.firstIndex(where: { $0.address == selected }) {
            selectedIndex = index
        } else {
            selectedIndex = min(selectedIndex, max(0, agents.count - 1))
            selected = agents.isEmpty ? nil : agents[selectedIndex].address
        }
        let rows = ScreenLayout(self).tableRows
        firstShown = min(firstShown, selectedIndex, max(0, agents.count - rows))
        firstShown = max(firstShown, selectedIndex - rows + 1)
        firstLine = min(max(firstLine, 0), lastFirstLine)
    }
}
