import LlamaServer

/// What there is among the servers of a model. Those that went without a word count as well.
struct ModelOffer: Equatable, Sendable {
    private var traits: Set<ServerTraits> = []

    /// More sizes than that, the smallest ones apart, make no difference.
    private static let mostContexts = 8

    mutating func add(_ server: ServerTraits) {
        traits.insert(server)
    }

    /// Which servers do some work.
    enum Servers: Equatable {
        case all
        /// Those that were started for it, and those that don't say.
        case some
        case none
    }

    func servers(for work: ServerRole) -> Servers {
        let fitting = traits.count { $0.role == nil || $0.role == work }
        if fitting == traits.count { return .all }
        // One that computes embeddings can generate text, if it must.
        return fitting > 0 ? .some : work == .completions ? .all : .none
    }

    /// The sizes of context among those that do this work, smallest first.
    func contexts(for work: ServerRole) -> [Int] {
        let filter = PoolFilter(work: servers(for: work) == .some ? work : nil)
        let all = Set(traits.lazy.filter(filter.admits).compactMap(\.context)).sorted()
        return Array(all.prefix(1) + all.dropFirst().suffix(Self.mostContexts - 1))
    }

    /// Whether it matters what a request wants done, or how large it is.
    var isMixed: Bool {
        ServerRole.allCases.contains { servers(for: $0) != .all || contexts(for: $0).count > 1 }
    }

    /// Those that make a difference.
    var filters: Set<PoolFilter> {
        var filters: Set<PoolFilter> = []
        for work in ServerRole.allCases {
            let servers = servers(for: work)
            guard servers != .none else { continue }
            let filter = PoolFilter(work: servers == .some ? work : nil)
            filters.insert(filter)
            for context in contexts(for: work).dropFirst() {
                filters.insert(PoolFilter(work: filter.work, context: context))
            }
        }
        filters.remove(PoolFilter())
        return filters
    }
}
