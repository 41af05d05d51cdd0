/// Lines of the log of an agent's llama-server, as a ``LogQuestion`` has asked for them.
public struct LogAnswer: Hashable, Sendable {
    /// That of the question.
    public var number: Int
    /// In the order in which they were printed. Empty: there are none, and the question didn't wait.
    public var lines: [String]
    /// How many lines between the last one that the balancer knew and these the agent doesn't have any more.
    public var leftOut: Int
    /// The number of the last of them; lines are numbered in the order in which they were printed.
    public var last: Int
    /// Whether there are more, which didn't fit.
    public var hasMore: Bool

    /// Of one answer.
    public static let mostLines = 1000
    /// UTF-8 bytes of all lines of an answer, each with its end: even if every byte needs two to be written in JSON, a
    /// message holds them.
    public static let mostBytes = 16 * 1024

    public init(number: Int, lines: [String], leftOut: Int = 0, last: Int, hasMore: Bool = false) {
        self.number = number
        self.lines = lines
        self.leftOut = leftOut
        self.last = last
        self.hasMore = hasMore
    }

    /// Itself, if no count in it is absurd.
    @discardableResult
    public func validated() throws(ReportError) -> LogAnswer {
        guard lines.count <= Self.mostLines else { throw .outOfRange("lines", "\(lines.count) entries") }
        guard leftOut >= 0 else { throw .outOfRange("left_out", "\(leftOut)") }
        guard last >= 0 else { throw .outOfRange("last", "\(last)") }
        return self
    }
}

extension LogAnswer: Codable {
    enum CodingKeys: String, CodingKey {
        case number
        case lines
        case leftOut = "left_out"
        case last
        case hasMore = "has_more"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        number = try container.decode(Int.self, forKey: .number)
        lines = try container.decode([String].self, forKey: .lines)
        leftOut = try container.decodeIfPresent(Int.self, forKey: .leftOut) ?? 0
        last = try container.decode(Int.self, forKey: .last)
        hasMore = try container.decodeIfPresent(Bool.self, forKey: .hasMore) ?? false
    }
}
