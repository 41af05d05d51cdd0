import Foundation

/// What a real llama-server says of itself, by its API and by its log.
extension LlamaServerProcess {
    private struct Slot: Decodable {
        let isProcessing: Bool

        enum CodingKeys: String, CodingKey {
            case isProcessing = "is_processing"
        }
    }

    /// By `/slots`. To look again and again keeps llama-server from noticing that clients of non-streaming requests have
    /// left: it does so after a second in which no task at all ended, and each look is a task.
    func busySlots() async throws -> Int {
        let reply = try await RawClient.exchange("GET", "/slots", port: port)
        return try JSONDecoder().decode([Slot].self, from: Data(reply.body)).count(where: \.isProcessing)
    }

    /// How many requests it has ever put into a slot, and may not have logged yet.
    var launches: Int { count("processing task") }

    /// How often it woke up.
    var awakenings: Int { count("server is exiting sleeping state") }

    private func count(_ text: String) -> Int {
        process.lines.count { $0.contains(text) }
    }
}
