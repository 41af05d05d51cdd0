// What balancers of the same agents are to know of each other's prompts.

public import LlamaServer

extension Scheduler {
    /// What other balancers are to hear of prompts, by way of these agents; to be taken after every input. O(1) when there is
    /// nothing.
    public mutating func takePromptNews() -> [(agent: AgentID, news: PromptNews)] {
        guard !promptNews.isEmpty else { return [] }
        defer { promptNews = [] }
        return promptNews
    }

    /// A request of another balancer begins or has ended at the upstream that this agent speaks for. There it finds, uses up and leaves
    /// what one of this balancer would.
    public mutating func heard(_ news: PromptNews, of agent: AgentID) {
        guard limits.balance.followsPrompts, let upstream = agents.index(of: agent).flatMap({ agents[$0]?.upstream })
        else { return }
        switch news {
        case .begins(let trail):
            guard !trail.hashes.isEmpty else { return }
            let prompt = ForeignPrompts.Running(trail: trail, used: prefixes.sent(trail, to: upstream))
            if let lost = foreignPrompts.add(prompt, at: upstream, slots: fleet[upstream].total)?.used {
                prefixes.discard(lost)
            }
        case .ends(let name, let generated, let wasMissed):
            guard let prompt = foreignPrompts.remove(name, at: upstream) else { return }
            if wasMissed, let used = prompt.used { prefixes.missed(used, at: upstream) }
            prefixes.park(prompt.trail, at: upstream, generated: generated, insteadOf: prompt.used)
        case .isGone(let name):
            if let used = foreignPrompts.remove(name, at: upstream)?.used { prefixes.discard(used) }
        }
    }

    /// What is known of prompts means nothing any more: from now on they are hashed with another seed.
    public mutating func forgetPrompts() {
        for upstream in fleet.upstreams.indices { forgetPrompts(at: upstream) }
    }

    /// Its caches are empty.
    mutating func forgetPrompts(at upstream: Int) {
        for prompt in foreignPrompts.removeAll(at: upstream) {
            if let used = prompt.used { prefixes.discard(used) }
        }
        prefixes.forget(upstream)
    }

    /// - Parameter news: called if somebody wants to hear it.
    @inline(__always)
    mutating func tellOthers(at upstream: Int, _ news: @autoclosure () -> PromptNews) {
        guard fleet[upstream].sharesPrompts, let owner = fleet[upstream].owner, let agent = agents[owner] else {
            return
        }
        promptNews.append((agent.id, news()))
    }
}
