/// The answer to `GET /slots`.
public struct SlotsReply: Hashable, Sendable {
    /// How many slots there are.
    public let total: Int
    /// How many of them work.
    public let processing: Int

    public init(total: Int, processing: Int) {
        self.total = total
        self.processing = processing
    }

    /// Reads llama.cpp's answer since build 4027 (`is_processing`), and older ones (`state`, 0 when idle).
    public init(json: [UInt8]) throws(ReplyError) {
        let slots = try ReplyError.decode([Slot].self, from: json, of: "slots")
        if let odd = slots.firstIndex(where: { $0.works == nil }) {
            throw ReplyError("slots that cannot be read: number \(odd) has neither is_processing nor state")
        }
        self.init(total: slots.count, processing: slots.count { $0.works == true })
    }

    private struct Slot: Decodable {
        let isProcessing: Bool?
        let state: Int?

        var works: Bool? {
            isProcessing ?? state.map { $0 != 0 }
        }

        enum CodingKeys: String, CodingKey {
            case isProcessing = "is_processing"
            case state
        }
    }
}
