import LlamaServer

/// What lookers-on want to know about an upstream.
struct UpstreamDescription: Sendable {
    var name: String?
    var condition = Condition.loading
    var models: [String] = []
    var role: ServerRole?
    var contextSize: Int?
    var build: String?
    var accelerators: [Accelerator] = []
    var lastReport = Instant(nanoseconds: 0)
    var claim: Claim?
    /// The last agent of which people were told that it claims this upstream, and when.
    private(set) var lastClaimTold: AgentID?
    private var lastClaimToldAt: Instant?

    /// So often at most, however many come and go.
    private static let claimInterval = Nanoseconds(count: 60_000_000_000)

    func mayTellOfClaim(at now: Instant) -> Bool {
        guard let lastClaimToldAt else { return true }
        return now.since(lastClaimToldAt) >= Self.claimInterval
    }

    mutating func toldOfClaim(at now: Instant) {
        lastClaimTold = claim?.agent
        lastClaimToldAt = now
    }

    var traits: ServerTraits { ServerTraits(role: role, context: contextSize) }
    var kind: ServerKind { ServerKind(models: models, traits: traits) }

    mutating func update(_ report: UpstreamReport, at now: Instant) {
        name = report.name
        condition = report.condition
        // A server that starts again doesn't say for a while, and will most likely serve what it did.
        if !report.models.isEmpty || report.condition == .ready { models = report.models }
        if report.role != nil || report.condition == .ready { role = report.role }
        if report.contextSize != nil || report.condition == .ready { contextSize = report.contextSize }
        build = report.build
        accelerators = report.accelerators
        lastReport = now
    }
}
