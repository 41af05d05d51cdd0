/// Whose memory a llama-server shares with others: what one agent process runs is of one host.
public struct Host: Hashable, Sendable {
    /// The same for all servers of the host, and nobody else's.
    public var id: String
    /// Bytes that all its servers may take together.
    public var memoryBytes: Int

    public init(id: String, memoryBytes: Int) {
        self.id = id
        self.memoryBytes = memoryBytes
    }

    func validate() throws(ReportError) {
        guard !id.isEmpty else { throw .outOfRange("host.id", "it is empty") }
        try ReportLimits.check(id, "host.id")
        guard ReportLimits.bytes ~= memoryBytes else { throw .outOfRange("host.memory_bytes", "\(memoryBytes)") }
    }
}

extension Host: Codable {
    enum CodingKeys: String, CodingKey {
        case id
        case memoryBytes = "memory_bytes"
    }
}
