// Requests whose prompts turn out to have no room where they were sent.

import LlamaServer

extension Scheduler {
    /// A server has said that no slot of it has room for the prompt, and executed nothing: the request goes on to one that has
    /// more room, or back to where its arrival places it in the queue for those.
    ///
    /// - Parameter tokens: of the prompt; 0: it didn't say.
    /// - Returns: nil if no server that could take it has more room: what this one said is the answer, and the lease goes on.
    public mutating func findRoom(
        _ lease: Lease,
        tokens: Int,
        at now: Instant
    ) -> (Submission, Decisions)? {
        let now = advance(to: now)
        guard let (index, upstream) = running(lease), !ledger[index].isNamed,
            let context = fleet.description(of: upstream).contextSize,
            hasMoreRoom(than: context, for: ledger[index].demand)
        else { return nil }
        var decisions = Decisions()
        counters.withoutRoom += 1
        dropPrompt(of: index, at: upstream)
        // Nothing was executed, so the client has been waiting all the time.
        ledger[index].waited = waited(index, at: now)
        ledger[index].demand.size.tokens = max(tokens, context + 1)
        fleet[upstream].promptPace.note(
            ReportedUsage(promptComputed: max(0, tokens), promptCached: 0, generated: 0),
            ledger[index].demand.size
        )
        let submission = comeBack(index, from: upstream, isCharged: false, at: now, &decisions)
        return (submission, decisions)
    }

    private func hasMoreRoom(than context: Int, for demand: RequestDemand) -> Bool {
        guard readsSizes, case .pool(let pool) = place(for: demand.model, work: demand.work),
            let largest = fleet.pools.family(of: pool)?[demand.work].last
        else { return false }
        return largest.context > context
    }
}
