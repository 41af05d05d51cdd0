/// `GET /api/v1/usage`, as far as people are shown it.
public struct UsageDocument: Equatable, Sendable {
    /// As `2026-10-01T00:00:00Z`.
    public var from: String
    /// When it ends.
    public var to: String
    /// By what rows are told apart: `tenant`, `model`, `hour`, `day`.
    public var groupings: [String]
    /// Whether what was before the balancer was started is in it.
    public var isLasting: Bool
    /// Why what is new can't be saved, where it should be.
    public var trouble: String?
    public var rows: [Row]
    public var total: Counts

    public struct Counts: Equatable, Sendable {
        public var requests: Int
        public var refused: Int
        public var tokensComputed: Int
        public var tokensCached: Int
        public var tokensGenerated: Int
        public var slotSeconds: Double
        public var waitedSeconds: Double
    }

    public struct Row: Equatable, Sendable {
        /// One for each of ``UsageDocument/groupings``; nil: nobody in particular, or no model.
        public var names: [String?]
        public var counts: Counts
    }
}

extension UsageDocument: Decodable {
    private enum CodingKeys: String, CodingKey {
        case from, to, by, storage, trouble, rows, total
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        from = try values.decode(String.self, forKey: .from)
        to = try values.decode(String.self, forKey: .to)
        let groupings = try values.decode([String].self, forKey: .by)
        self.groupings = groupings
        isLasting = values.value(.storage) == "disk"
        trouble = values.value(.trouble)
        total = try values.decode(Counts.self, forKey: .total)
        var list = try values.nestedUnkeyedContainer(forKey: .rows)
        rows = []
        while !list.isAtEnd {
            let row = try list.superDecoder()
            let names = try row.container(keyedBy: Name.self)
            rows.append(
                Row(
                    names: groupings.map { names.value(Name(stringValue: $0)) },
                    counts: try Counts(from: row)
                )
            )
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension UsageDocument.Counts: Decodable {
    private enum CodingKeys: String, CodingKey {
        case requests, refused
        case tokensComputed = "tokens_computed"
        case tokensCached = "tokens_cached"
        case tokensGenerated = "tokens_generated"
        case slotSeconds = "slot_seconds"
        case waitedSeconds = "waited_seconds"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        requests = try values.decode(Int.self, forKey: .requests)
        refused = values.value(.refused) ?? 0
        tokensComputed = values.value(.tokensComputed) ?? 0
        tokensCached = values.value(.tokensCached) ?? 0
        tokensGenerated = values.value(.tokensGenerated) ?? 0
        slotSeconds = values.amount(.slotSeconds) ?? 0
        waitedSeconds = values.amount(.waitedSeconds) ?? 0
    }
}
