import PrintableText

/// A server in the balancer's list, as far as draining needs it.
public struct ListedAgent: Equatable, Sendable, Decodable {
    /// Empty while its agent is away.
    public let id: String
    public let name: String?
    /// Where the balancer reaches it: what makes it the same server, whoever is its agent.
    public let address: String
    /// How many requests of this balancer run there.
    public let slotsLeased: Int
    public let isDraining: Bool
    /// Its agent went without a word, and nobody speaks for it since.
    public var isLost: Bool { state == "lost" }
    /// As the balancer calls it; nil: an old balancer's.
    private let state: String?

    enum CodingKeys: String, CodingKey {
        case id = "agent_id"
        case name = "agent_name"
        case address = "external_llamacpp_addr"
        case slotsLeased = "slots_leased"
        case isDraining = "draining"
        case state
    }

    public init(
        id: String,
        name: String?,
        address: String,
        slotsLeased: Int,
        isDraining: Bool,
        isLost: Bool = false
    ) {
        self.id = id
        self.name = name
        self.address = address
        self.slotsLeased = slotsLeased
        self.isDraining = isDraining
        state = isLost ? "lost" : nil
    }

    /// For people.
    public var inWords: String {
        let address = address.printable()
        return name.map { "\($0.printable()) (\(address))" } ?? address
    }
}

/// `GET /api/v1/agents`.
struct ListedAgents: Decodable {
    let agents: [ListedAgent]
    /// The address behind which the next page begins; nil: there is none.
    let next: String?
}
