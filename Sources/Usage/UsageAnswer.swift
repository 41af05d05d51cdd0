/// What somebody got, as it was asked for.
public struct UsageAnswer: Sendable {
    public struct Row: Equatable, Sendable {
        public let group: UsageGroup
        public let counts: UsageCounts
    }

    public let query: UsageQuery
    /// By time, and of one time those first that had most slot time.
    public let rows: [Row]
    public let total: UsageCounts
    public let storage: Storage
    /// Why what is new can't be saved at present; nil: it can, or is to be kept in memory.
    public let trouble: String?

    /// Where usage is kept.
    public enum Storage: Equatable, Sendable {
        case disk
        /// What was before this process is missing.
        case memory
    }

    /// - Throws: ``UsageQueryMistake/tooManyRows``.
    init(
        _ query: UsageQuery,
        _ groups: [UsageGroup: UsageCounts],
        _ storage: Storage,
        trouble: String? = nil
    ) throws(UsageQueryMistake) {
        guard groups.count <= UsageQuery.mostRows else { throw .tooManyRows }
        self.query = query
        self.storage = storage
        self.trouble = trouble
        rows = groups.map { Row(group: $0.key, counts: $0.value) }.sorted { Self.order($0) < Self.order($1) }
        total = groups.values.reduce(into: UsageCounts()) { $0 += $1 }
    }

    private static func order(_ row: Row) -> (Int, Int, Int, String, String) {
        let (group, counts) = (row.group, row.counts)
        return (group.start ?? 0, -counts.slotTime, -counts.requests, group.tenant ?? "", group.model ?? "")
    }
}

extension UsageBatch {
    /// Adds what is asked for.
    func add(to groups: inout [UsageGroup: UsageCounts], _ query: UsageQuery) {
        for (period, rows) in rows where query.includes(period) {
            for (key, counts) in rows { groups[query.group(of: key, in: period), default: UsageCounts()] += counts }
        }
    }
}
