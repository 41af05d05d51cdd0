/// The answer to `GET /props`. Everything in it is optional: versions differ, and a router has few of these.
public struct PropsReply: Hashable, Sendable {
    public let totalSlots: Int?
    /// The model was unloaded after idling; the next task loads it again.
    public let isSleeping: Bool
    /// It passes requests on to servers of its own, one for each model, and has no slots itself.
    public let isRouter: Bool
    /// llama.cpp's build, for example `b10434-abcdef`.
    public let build: String?
    public let modelAlias: String?
    public let modelPath: String?
    /// Tokens per slot.
    public let contextSize: Int?

    public init(json: [UInt8]) throws(ReplyError) {
        let wire = try ReplyError.decode(Wire.self, from: json, of: "properties")
        self.totalSlots = wire.totalSlots
        self.isSleeping = wire.isSleeping ?? false
        self.isRouter = wire.role == "router"
        self.build = wire.buildInfo
        self.modelAlias = wire.modelAlias
        self.modelPath = wire.modelPath
        self.contextSize = wire.settings?.contextSize
    }

    /// Field by field, so that one that has changed its form doesn't hide the others.
    private struct Wire: Decodable {
        let totalSlots: Int?
        let isSleeping: Bool?
        let role: String?
        let buildInfo: String?
        let modelAlias: String?
        let modelPath: String?
        let settings: Settings?

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            totalSlots = try? container.decode(Int.self, forKey: .totalSlots)
            isSleeping = try? container.decode(Bool.self, forKey: .isSleeping)
            role = try? container.decode(String.self, forKey: .role)
            buildInfo = try? container.decode(String.self, forKey: .buildInfo)
            modelAlias = try? container.decode(String.self, forKey: .modelAlias)
            modelPath = try? container.decode(String.self, forKey: .modelPath)
            settings = try? container.decode(Settings.self, forKey: .settings)
        }

        struct Settings: Decodable {
            let contextSize: Int?

            enum CodingKeys: String, CodingKey {
                case contextSize = "n_ctx"
            }
        }

        enum CodingKeys: String, CodingKey {
            case totalSlots = "total_slots"
            case isSleeping = "is_sleeping"
            case role
            case buildInfo = "build_info"
            case modelAlias = "model_alias"
            case modelPath = "model_path"
            case settings = "default_generation_settings"
        }
    }
}
