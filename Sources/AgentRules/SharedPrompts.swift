package import LlamaServer

/// What prompts are hashed with by the balancers of one agent, and so who understands what another one tells of prompts.
///
/// Seeds are of connections: what a balancer had told goes with its connection.
package struct SharedPrompts: Sendable {
    /// nil: that balancer tells nothing, and isn't told.
    private var seeds: [PromptSeed?]
    /// Of each balancer, the names of prompts whose requests run, oldest first.
    private var running: [[UInt64]]

    /// Of one balancer. Of more, the oldest are taken for ended.
    package static let mostRunning = 256

    package init(links: Int) {
        seeds = Array(repeating: nil, count: links)
        running = Array(repeating: [], count: links)
    }

    /// A balancer has told its seed.
    package mutating func told(_ seed: PromptSeed, by link: Int) {
        if seeds[link] != seed { running[link] = [] }
        seeds[link] = seed
    }

    /// A balancer has told what one of its requests makes of the server's caches.
    ///
    /// - Returns: who else makes something of it.
    package mutating func told(_ news: PromptNews, by link: Int) -> [Int] {
        switch news {
        case .begins(let trail):
            if running[link].count == Self.mostRunning { running[link].removeFirst() }
            running[link].append(trail.name)
        case .ends(let name, _, _), .isGone(let name):
            if let index = running[link].firstIndex(of: name) { running[link].remove(at: index) }
        }
        return listeners(to: link)
    }

    /// The connection to a balancer is over, and with the balancer, as far as anybody knows, its requests: their prompts are left as
    /// those of clients that leave.
    ///
    /// - Returns: what the others are to hear of them instead of it, and who.
    package mutating func ended(_ link: Int) -> (news: [PromptNews], listeners: [Int]) {
        defer { (seeds[link], running[link]) = (nil, []) }
        return (running[link].map { .ends(name: $0, generated: 0, wasMissed: false) }, listeners(to: link))
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
