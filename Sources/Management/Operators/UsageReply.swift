import Usage

/// `GET /api/v1/usage`.
struct UsageReply: Encodable {
    private let answer: UsageAnswer

    init(_ answer: UsageAnswer) {
        self.answer = answer
    }

    func encode(to encoder: any Encoder) throws {
        var reply = encoder.container(keyedBy: CodingKeys.self)
        try reply.encode(UsageTime.text(hour: answer.query.from), forKey: .from)
        try reply.encode(UsageTime.text(hour: answer.query.to), forKey: .to)
        try reply.encode(answer.query.groupings.map(\.rawValue), forKey: .by)
        switch answer.storage {
        case .disk: try reply.encode("disk", forKey: .storage)
        case .memory: try reply.encode("memory", forKey: .storage)
        }
        try reply.encode(answer.trouble, forKey: .trouble)
        try reply.encode(answer.rows.map { Row(row: $0, query: answer.query) }, forKey: .rows)
        try reply.encode(Counts(answer.total), forKey: .total)
    }

    private enum CodingKeys: String, CodingKey {
        case from, to, by, storage, trouble, rows, total
    }

    private struct Counts: Encodable {
        let requests: Int
        let refused: Int
        let refusals: [String: Int]
        let tokensComputed: Int
        let tokensCached: Int
        let tokensGenerated: Int
        let slotSeconds: Double
        let waitedSeconds: Double

        init(_ counts: UsageCounts) {
            requests = counts.requests
            refused = counts.refused
            refusals = counts.refusals
            tokensComputed = counts.tokensComputed
            tokensCached = counts.tokensCached
            tokensGenerated = counts.tokensGenerated
            slotSeconds = Double(counts.slotTime) / 1e6
            waitedSeconds = Double(counts.waited) / 1e6
        }

        enum CodingKeys: String, CodingKey {
            case requests, refused, refusals
            case tokensComputed = "tokens_computed"
            case tokensCached = "tokens_cached"
            case tokensGenerated = "tokens_generated"
            case slotSeconds = "slot_seconds"
            case waitedSeconds = "waited_seconds"
        }
    }

    /// With a member for each thing by which rows are told apart.
    private struct Row: Encodable {
        let row: UsageAnswer.Row
        let query: UsageQuery

        func encode(to encoder: any Encoder) throws {
            try Counts(row.counts).encode(to: encoder)
            var group = encoder.container(keyedBy: CodingKeys.self)
            for grouping in query.groupings {
                switch grouping {
                case .tenant: try group.encode(named(row.group.tenant), forKey: .tenant)
                case .model: try group.encode(named(row.group.model), forKey: .model)
                case .hour: try group.encode(UsageTime.text(hour: row.group.start ?? 0), forKey: .hour)
                case .day: try group.encode(UsageTime.day(of: row.group.start ?? 0), forKey: .day)
                }
            }
        }

        /// nil: nobody in particular, or no model.
        private func named(_ name: String?) -> String? { name?.isEmpty == true ? nil : name }

        private enum CodingKeys: String, CodingKey {
            case tenant, model, hour, day
        }
    }
}
