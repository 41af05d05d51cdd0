/// The answer to `GET /slots`.
public struct SlotsReply: Hashable, Sendable {
    /// How many slots there are.
    public let total: Int
    /// How many of them work.
    public let processing: Int
    /// How far those that work have come.
    public let progress: SlotsProgress

    public init(total: Int, processing: Int, progress: SlotsProgress) {
        self.total = total
        self.processing = processing
        self.progress = progress
    }

    /// Reads llama.cpp's answer since build 4027 (`is_processing`), and older ones (`state`, 0 when idle).
    public init(json: [UInt8]) throws(ReplyError) {
        let slots = try ReplyError.decode([Slot].self, from: json, of: "slots")
        if let odd = slots.firstIndex(where: { $0.works == nil }) {
            throw ReplyError("slots that cannot be read: number \(odd) has neither is_processing nor state")
        }
        let working = slots.filter { $0.works == true }
        let work = working.compactMap(\.work)
        self.init(
            total: slots.count,
            processing: working.count,
            progress: working.isEmpty ? .idle : work.count == working.count ? .known(work) : .unknown
        )
    }

    private struct Slot: Decodable {
        let works: Bool?
        let work: SlotsProgress.Work?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let state = try container.decodeIfPresent(Int.self, forKey: .state)
            works = try container.decodeIfPresent(Bool.self, forKey: .isProcessing) ?? state.map { $0 != 0 }
            // Whether it works decides; a field of the rest that has changed its form only leaves its progress unknown.
            work = works == true ? Self.work(container) : nil
        }

        /// nil unless both numbers are there. Builds before llama.cpp#23454 (May 2026) don't say how far a prompt is:
        /// with the tokens made alone, which don't move until it is done, a long prompt would look like a standstill.
        private static func work(_ container: KeyedDecodingContainer<CodingKeys>) -> SlotsProgress.Work? {
            guard let promptTokens = try? container.decode(Int.self, forKey: .promptTokens),
                let next = try? container.decode(NextToken.self, forKey: .nextToken)
            else { return nil }
            return SlotsProgress.Work(
                slot: try? container.decode(Int.self, forKey: .id),
                task: try? container.decode(Int.self, forKey: .task),
                promptTokens: promptTokens,
                tokensMade: next.tokensMade
            )
        }

        enum CodingKeys: String, CodingKey {
            case id
            case task = "id_task"
            case isProcessing = "is_processing"
            case state
            case promptTokens = "n_prompt_tokens_processed"
            case nextToken = "next_token"
        }
    }

    /// A list of one; an object in older builds.
    private struct NextToken: Decodable {
        let tokensMade: Int

        init(from decoder: any Decoder) throws {
            if var list = try? decoder.unkeyedContainer() {
                tokensMade = try list.decode(Entry.self).tokensMade
            } else {
                tokensMade = try Entry(from: decoder).tokensMade
            }
        }

        private struct Entry: Decodable {
            let tokensMade: Int

            enum CodingKeys: String, CodingKey {
                case tokensMade = "n_decoded"
            }
        }
    }
}
