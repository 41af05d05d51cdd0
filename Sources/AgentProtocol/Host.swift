/// Whose memory a llama-server shares with others: what one agent process runs is of one host.
public struct Host: Hashable, Sendable {
    /// The same for all servers of the host, and nobody else's.
    public var id: String
    /// Bytes that all its servers may take together.
    public var memoryBytes: Int
    /// All names of all its models: balancers that have heard of one server know by them what the others will serve.
    public var models: [String]

    public init(id: String, memoryBytes: Int, models: [String] = []) {
        self.id = id
        self.memoryBytes = memoryBytes
        self.models = models
    }

    func validate() throws(ReportError) {
        guard !id.isEmpty else { throw .outOfRange("host.id", "it is empty") }
        try ReportLimits.check(id, "host.id")
        guard models.count <= ReportLimits.models, models.reduce(0, { $0 + $1.utf8.count }) <= ReportLimits.modelBytes
        else {
            throw .outOfRange("host.models", "\(models.count) names")
        }
        guard ReportLimits.bytes ~= memoryBytes else { throw .outOfRange("host.memory_bytes", "\(memoryBytes)") }
    }
}

extension Host: Codable {
    enum CodingKeys: String, CodingKey {
        case id
        case memoryBytes = "memory_bytes"
        case models
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        memoryBytes = try container.decode(Int.self, forKey: .memoryBytes)
        models = try container.decodeIfPresent([String].self, forKey: .models) ?? []
    }

    /// As many of these names as may be said.
    public static func fitting(_ models: [String]) -> [String] {
        var bytesLeft = ReportLimits.modelBytes
        return models.prefix(ReportLimits.models).filter { model in
            bytesLeft -= model.utf8.count
            return bytesLeft >= 0
        }
    }
}
