package import LlamaServer

/// What prompts are hashed with by the balancers of one agent, and so who understands what another one tells of prompts.
///
/// Seeds are of connections: what a balancer had told goes with its connection.
package struct SharedPrompts: Sendable {
    /// nil: that balancer tells nothing, and isn't told.
    private var seeds: [PromptSeed?]

    package init(links: Int) {
        seeds = Array(repeating: nil, count: links)
    }

    /// A balancer has told its seed.
    package mutating func told(_ seed: PromptSeed, by link: Int) {
        seeds[link] = seed
    }

    /// The connection to a balancer is over.
    package mutating func ended(_ link: Int) {
        seeds[link] = nil
    }

    /// The seed that a balancer is to take, since it is older than its own; nil: there is none.
    package func seed(for link: Int) -> PromptSeed? {
        guard let own = seeds[link], let oldest = seeds.compactMap(\.self).min(), oldest < own else { return nil }
        return oldest
    }

    /// Who else makes something of what this balancer tells of prompts.
    package func listeners(to link: Int) -> [Int] {
        guard let seed = seeds[link] else { return [] }
        return seeds.indices.filter { $0 != link && seeds[$0] == seed }
    }
}
