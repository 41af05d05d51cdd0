import AgentRules
import LlamaServer
import Synchronization

/// Carries what each balancer tells of prompts to the others that hash them alike. Any thread may call it.
final class PromptExchange: Sendable {
    private let prompts: Mutex<SharedPrompts>
    private let outboxes: [LinkOutbox]

    /// - Parameter outboxes: one of each balancer.
    init(outboxes: [LinkOutbox]) {
        prompts = Mutex(SharedPrompts(links: outboxes.count))
        self.outboxes = outboxes
    }

    /// The balancer of this number has told what it hashes prompts with.
    func told(_ seed: PromptSeed, by link: Int) {
        change { $0.told(seed, by: link) }
    }

    /// The balancer of this number has told what one of its requests makes of the server's caches.
    func told(_ news: PromptNews, by link: Int) {
        // Under the lock, so that what is told in an order is heard in it.
        prompts.withLock { prompts in
            for listener in prompts.told(news, by: link) { outboxes[listener].add(news) }
        }
    }

    /// The connection to the balancer of this number is over.
    func ended(_ link: Int) {
        change { prompts in
            let (news, listeners) = prompts.ended(link)
            for listener in listeners { news.forEach(outboxes[listener].add) }
        }
    }

    private func change(_ change: (inout SharedPrompts) -> Void) {
        prompts.withLock { prompts in
            change(&prompts)
            for (link, outbox) in outboxes.enumerated() { outbox.setPromptSeed(prompts.seed(for: link)) }
        }
    }
}
