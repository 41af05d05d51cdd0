/// The answer to `GET /v1/models`.
public struct ModelsReply: Hashable, Sendable {
    public let models: [Model]

    public struct Model: Hashable, Sendable {
        public let id: String
        /// Further names that requests may call it by.
        public let aliases: [String]
        /// Tokens for the whole server, where it says so.
        public let contextSize: Int?
    }

    public init(json: [UInt8]) throws(ReplyError) {
        models = try ReplyError.decode(Wire.self, from: json, of: "models").data.map {
            Model(id: $0.id, aliases: $0.aliases ?? [], contextSize: $0.meta?.contextSize)
        }
    }

    private struct Wire: Decodable {
        let data: [Entry]

        struct Entry: Decodable {
            let id: String
            let aliases: [String]?
            let meta: Meta?
        }

        struct Meta: Decodable {
            let contextSize: Int?

            enum CodingKeys: String, CodingKey {
                case contextSize = "n_ctx"
            }
        }
    }
}
