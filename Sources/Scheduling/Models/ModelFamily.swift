import LlamaServer

/// The pool of a model whose servers differ, and the pools of some of them.
struct ModelFamily: Sendable {
    let numbers: [PoolFilter: Int]
    private let completions: [Size]
    private let embeddings: [Size]
    private let reranking: [Size]

    /// Servers for contexts up to this many tokens, and larger ones.
    struct Size: Equatable, Sendable {
        let context: Int
        let pool: Int
    }

    init(offer: ModelOffer, pool: Int, numbers: [PoolFilter: Int]) {
        self.numbers = numbers
        let sizes = { (work: ServerRole) -> [Size] in
            let servers = offer.servers(for: work)
            guard servers != .none else { return [] }
            let contexts = offer.contexts(for: work)
            var filter = PoolFilter(work: servers == .some ? work : nil)
            var sizes = [Size(context: contexts.first ?? .max, pool: numbers[filter] ?? pool)]
            for context in contexts.dropFirst() {
                filter.context = context
                if let number = numbers[filter] { sizes.append(Size(context: context, pool: number)) }
            }
            return sizes
        }
        completions = sizes(.completions)
        embeddings = sizes(.embeddings)
        reranking = sizes(.reranking)
    }

    /// The pools for this work, smallest contexts first, each with all that have more; none: nobody does it.
    subscript(work: ServerRole) -> [Size] {
        switch work {
        case .completions: completions
        case .embeddings: embeddings
        case .reranking: reranking
        }
    }
}
