import AgentRules
import Logging

/// Keeps one connection to one balancer, and gets a new one when it is lost.
struct BalancerLink: Sendable {
    /// Its number on the board.
    let number: Int
    let conversation: any BalancerConversation
    let outbox: LinkOutbox
    let board: AgentBoard
    let leases: LeaseExchange
    let prompts: PromptExchange
    let demand: PollDemand
    /// nil: nobody loads and unloads the model.
    let keeper: (any ModelKeeper)?
    let clock: AgentClock
    let logger: Logger

    /// Returns after a goodbye, or when cancelled.
    func run() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var complaints = Complaints()
        while !Task.isCancelled, !outbox.isLeaving {
            let end = await conversation.converse { news in heard(news, &complaints) }
            note(end)
            guard !outbox.isLeaving, !Task.isCancelled else { return }
            if end.wasWelcome { backoff.reset() }
            if end.kind == .declined { backoff.saturate() }
            log(end, isDue: complaints.isDue(end.reason, at: clock.now()))
            await outbox.leaving.wait(atMost: backoff.next(using: &generator))
        }
    }

    private func heard(_ news: ConversationNews, _ complaints: inout Complaints) {
        switch news {
        case .offered:
            board.note { $0.offered(number) }
        case .connected(let version):
            complaints.end()
            board.note { $0.connected(number) }
            keeper?.connected()
            logger.info("connected to the balancer", metadata: version.map { ["balancer_version": "\($0)"] })
        case .leases(let count):
            if leases.told(count, by: number) { demand.raise() }
        case .promptSeed(let seed):
            prompts.told(seed, by: number)
        case .prompt(let news):
            prompts.told(news, by: number)
        case .drained:
            board.note { $0.drained(number) }
        case .notice(let text):
            logger.warning("the balancer has a notice", metadata: ["notice": "\(text)"])
        case .otherDialect(let hint):
            logger.warning("the balancer doesn't understand this agent", metadata: ["hint": "\(hint)"])
        case .toldOfLeaving(let now):
            board.note { $0.told(number, at: now) }
        case .wish(let wish, let isOrder):
            keeper?.wish(wish, isOrder: isOrder)
        case .aboutToUse:
            keeper?.aboutToBeUsed()
        }
    }

    private func note(_ end: LinkEnd) {
        if leases.ended(number) { demand.raise() }
        prompts.ended(number)
        let now = clock.now()
        board.note { state in
            switch end.kind {
            case .lost, .declined: state.lost(number, at: now)
            case .unreachable: state.unreachable(number)
            }
        }
    }

    private func log(_ end: LinkEnd, isDue: Bool) {
        var metadata: Logger.Metadata = ["reason": "\(end.reason)"]
        if let hint = end.hint { metadata["hint"] = "\(hint)" }
        logger.log(level: isDue ? .warning : .debug, "no connection to the balancer", metadata: metadata)
    }
}
