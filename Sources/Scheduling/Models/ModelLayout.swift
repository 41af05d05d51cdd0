import LlamaServer

/// Which pools a fleet needs.
struct ModelLayout: Equatable, Sendable {
    var isDivided = false
    /// By name, of those models alone whose servers differ; nil is the name of all servers together where there is one model,
    /// and else of those that don't say what they serve.
    var offers: [String?: ModelOffer] = [:]
    /// Whether some server doesn't say what it serves, where there are several models: requests that name none go there.
    var hasNameless = false
    /// By role: a name that all servers for it have in common, where there are several models.
    var onlyModels: [ServerRole: String] = [:]

    init() {}

    /// - Parameter servers: those that went without a word, too. What occurs more than once counts once; O(names).
    init(isDivided: Bool, of servers: [ServerKind]) {
        self.isDivided = isDivided
        guard isDivided else {
            var offer = ModelOffer()
            for server in servers { offer.add(server.traits) }
            if offer.isMixed { offers[nil] = offer }
            return
        }
        for server in servers {
            for name in server.models.isEmpty ? [nil] : server.models.map(Optional.some) {
                offers[name, default: ModelOffer()].add(server.traits)
            }
        }
        hasNameless = offers[nil] != nil
        offers = offers.filter(\.value.isMixed)
        for role in ServerRole.allCases {
            let fitting = servers.lazy.filter {
                !$0.models.isEmpty && ($0.traits.role ?? .completions) == role
            }
            guard let first = fitting.first else { continue }
            let common = fitting.reduce(Set(first.models)) { $0.intersection($1.models) }
            onlyModels[role] = common.min()
        }
    }
}
