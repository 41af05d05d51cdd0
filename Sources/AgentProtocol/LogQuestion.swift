/// What a balancer asks of the log of an agent's llama-server.
///
/// Each question gets one answer, so that a balancer never gets more than it has asked for, however much is printed. Who
/// follows a log asks again, after the last line that it was told.
public struct LogQuestion: Hashable, Sendable {
    /// Chosen by the balancer, and the same in the answer. A question takes the place of an older one of its number.
    public var number: Int
    /// The number of the last line that is known; nil: the last ones are wanted.
    public var after: Int?
    /// How many lines are wanted at most, 1...2000.
    public var lines: Int
    /// Whether the answer is to wait until there is a line.
    public var waits: Bool

    /// What an agent keeps.
    public static let lineCounts = 1...2000

    public init(number: Int, after: Int? = nil, lines: Int = lineCounts.upperBound, waits: Bool = false) {
        self.number = number
        self.after = after
        self.lines = Self.lineCounts.clamp(lines)
        self.waits = waits
    }
}

extension LogQuestion: Codable {
    enum CodingKeys: String, CodingKey {
        case number
        case after
        case lines
        case waits
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            number: try container.decode(Int.self, forKey: .number),
            after: try container.decodeIfPresent(Int.self, forKey: .after),
            lines: try container.decodeIfPresent(Int.self, forKey: .lines) ?? Self.lineCounts.upperBound,
            waits: try container.decodeIfPresent(Bool.self, forKey: .waits) ?? false
        )
    }
}
