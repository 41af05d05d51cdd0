import LlamaServer

/// One way of speaking to a balancer, over one connection from its beginning to its end.
protocol BalancerConversation: Sendable {
    /// - Parameter hear: told what happens while the conversation goes on.
    func converse(_ hear: (ConversationNews) -> Void) async -> LinkEnd
}

enum ConversationNews: Sendable {
    /// The balancer is being sent a report, the first of this conversation.
    case offered
    /// The balancer takes our reports.
    case connected(balancerVersion: String?)
    /// So many slots are occupied by the balancer's requests.
    case leases(Int)
    /// What the balancer hashes prompts with.
    case promptSeed(PromptSeed)
    /// What one of the balancer's requests makes of the server's caches.
    case prompt(PromptNews)
    /// Nothing that the balancer has sent runs any more.
    case drained
    /// The balancer takes what is said and makes nothing of it.
    ///
    /// - Parameter hint: how it is to be spoken to.
    case otherDialect(hint: String)
    /// The balancer has something to say to the agent's operator.
    case notice(String)
    /// A balancer that never says `drained` was told, at this time on the agent's clock, that no slots are to be had.
    case toldOfLeaving(at: Duration)
    /// The balancer wishes something of the model.
    ///
    /// - Parameter isOrder: an operator wants it.
    case wish(ModelWish, isOrder: Bool)
    /// The balancer wants a fresh sample, as it does when it sends something.
    case aboutToUse
}
