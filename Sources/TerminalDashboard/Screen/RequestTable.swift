import ManagementClient

/// A line for each request: those that are under way, then those that ended last.
struct RequestTable {
    private let requests: [RequestsDocument.Request]
    private let time: Double?
    private let glyphs: Glyphs
    private let columns: [Column]
    private let width: Int

    private enum Column: CaseIterable {
        case age, outcome, server, waited, firstToken, total, tokensIn, tokensOut, what
    }

    private static let gap = 2
    /// What goes first where there is no room for all.
    private static let dispensable: [Column] = [.tokensIn, .waited, .firstToken, .tokensOut, .server, .total, .age]
    /// For ``Column/what`` to be worth showing.
    private static let leastRest = 16

    /// - Parameters:
    ///   - time: seconds since 1970 at the balancer; nil: unknown.
    ///   - width: of the screen.
    init(_ requests: [RequestsDocument.Request], time: Double?, glyphs: Glyphs, width: Int) {
        self.requests = requests
        self.time = time
        self.glyphs = glyphs
        self.width = width
        var columns = Column.allCases
        for column in Self.dispensable where Self.taken(columns) + Self.leastRest > width {
            columns.removeAll { $0 == column }
        }
        self.columns = columns
    }

    static func lines(_ state: DashboardState, glyphs: Glyphs) -> [StyledLine] {
        switch state.requests.content {
        case .unknown: return [StyledLine("  Asking the balancer.", .muted)]
        case .none: return [StyledLine("  This balancer lists no requests.", .muted)]
        case .some(let document) where document.requests.isEmpty:
            return [StyledLine("  Nobody has asked for anything yet.", .muted)]
        case .some(let document):
            let shown = document.requests.filter { state.requestFilter.shows(known(of: $0)) }
            guard !shown.isEmpty else {
                return [StyledLine("  No request has \"\(state.requestFilter.text)\" in its line.")]
            }
            let time = state.clock.time(at: state.now) ?? state.wallTime
            return RequestTable(shown, time: time, glyphs: glyphs, width: state.size.width).lines
        }
    }

    /// By what it can be found.
    private static func known(of request: RequestsDocument.Request) -> [String] {
        [request.server, request.tenant, request.model, request.client, request.path, outcome(of: request)]
            .compactMap(\.self)
    }

    private var lines: [StyledLine] {
        [arranged { StyledLine(Self.heading($0), .muted) }]
            + requests.map { request in arranged { cell($0, of: request) } }
    }

    private func arranged(_ cell: (Column) -> StyledLine) -> StyledLine {
        var line = StyledLine("  ")
        for (index, column) in columns.enumerated() {
            if index > 0 { line.append(String(repeating: " ", count: Self.gap)) }
            let room = Self.width(column) ?? max(0, width - line.width)
            let content = cell(column).cut(to: room, mark: glyphs.cut)
            line.append(Self.isNumber(column) ? content.rightAligned(in: room) : content.padded(to: room))
        }
        return line
    }

    private func cell(_ column: Column, of request: RequestsDocument.Request) -> StyledLine {
        switch column {
        case .age: StyledLine(age(of: request), .muted)
        case .outcome: StyledLine(Self.outcome(of: request), Self.style(request.outcome))
        case .server: StyledLine(request.server ?? "-")
        case .waited: Self.span(request.waitedSeconds.flatMap { $0 > 0 ? $0 : nil })
        case .firstToken: Self.span(request.firstTokenSeconds)
        case .total: Self.span(request.totalSeconds)
        case .tokensIn: Self.amount(request.tokensPrompt)
        case .tokensOut: Self.amount(request.tokensGenerated)
        case .what:
            StyledLine(
                [request.model, request.tenant, request.client, request.path].compactMap(\.self).joined(separator: "  ")
            )
        }
    }

    private func age(of request: RequestsDocument.Request) -> String {
        guard let time, let start = request.time else { return "-" }
        return AmountText.seconds(max(0, time - start))
    }

    private static func outcome(of request: RequestsDocument.Request) -> String {
        let outcome = request.outcome.replacing("_", with: " ")
        let detail = request.reason?.replacing("_", with: " ")
        guard request.outcome != "running" else { return detail ?? outcome }
        return [outcome, request.status.map { "\($0)" }, detail].compactMap(\.self).joined(separator: " ")
    }

    private static func style(_ outcome: String) -> TextStyle {
        switch outcome {
        case "running": .accent
        case "refused", "client_left": .warning
        case "failed", "timed_out", "cut": .bad
        default: .normal
        }
    }

    private static func span(_ seconds: Double?) -> StyledLine {
        seconds.map { StyledLine(AmountText.milliseconds($0 * 1000)) } ?? StyledLine("-", .muted)
    }

    private static func amount(_ count: Double?) -> StyledLine {
        count.map { StyledLine(AmountText.number($0)) } ?? StyledLine("-", .muted)
    }

    private static func taken(_ columns: [Column]) -> Int {
        columns.reduce(0) { $0 + (width($1) ?? 0) + gap }
    }

    /// nil: all that is left.
    private static func width(_ column: Column) -> Int? {
        switch column {
        case .age: 6
        case .outcome: 24
        case .server: 14
        case .waited, .firstToken, .total: 7
        case .tokensIn, .tokensOut: 6
        case .what: nil
        }
    }

    private static func isNumber(_ column: Column) -> Bool {
        switch column {
        case .age, .waited, .firstToken, .total, .tokensIn, .tokensOut: true
        case .outcome, .server, .what: false
        }
    }

    private static func heading(_ column: Column) -> String {
        switch column {
        case .age: "AGE"
        case .outcome: "OUTCOME"
        case .server: "SERVER"
        case .waited: "WAITED"
        case .firstToken: "TTFT"
        case .total: "TOTAL"
        case .tokensIn: "IN"
        case .tokensOut: "OUT"
        case .what: "MODEL, TENANT, CLIENT"
        }
    }
}
