// Requests whose server was gone when it broke them off: which of them may have ended it.

extension Scheduler {
    /// An upstream has just broken something off, and whether it is still there isn't known yet. What is sent there from now
    /// on isn't to blame if it is not.
    public mutating func brokeOff(_ upstream: UpstreamID, at now: Instant) {
        let now = advance(to: now)
        guard let index = fleet.index(of: upstream) else { return }
        noteBreak(index, at: now)
    }

    /// A lease's request was sent, not a byte of an answer came, and its upstream is gone. If the request may be why, it must
    /// not end the next one, too: its lease ends by ``Outcome/serverDied``. If something else had broken off there before it
    /// was sent, it goes elsewhere as after ``Failure/brokenOff``.
    ///
    /// - Returns: what becomes of this request, nil if it ended or the lease was stale; and what happens to others.
    public mutating func serverDied(_ lease: Lease, at now: Instant) -> (Submission?, Decisions) {
        let now = advance(to: now)
        guard let (index, upstream) = running(lease) else { return (nil, Decisions()) }
        guard !ledger[index].isNamed, hasBroken(upstream, before: ledger[index].leasedAt) else {
            return (nil, finished(lease, .serverDied, at: now))
        }
        dropPrompt(of: index, at: upstream)
        counters.count(.brokenOff)
        ledger[index].timesBrokenOff += 1
        avoid(upstream, index)
        eject(upstream, after: .connectFailed, at: now)
        var decisions = Decisions()
        let submission = comeBack(index, from: upstream, isCharged: Failure.brokenOff.isCharged, at: now, &decisions)
        return (submission, decisions)
    }

    /// The same for a request that needs no slot.
    ///
    /// - Returns: whether the request may be why; and what happens to others.
    public mutating func serverDied(
        _ upstream: UpstreamID,
        sentAt sent: Instant,
        at now: Instant
    ) -> (isSuspect: Bool, Decisions) {
        let isSuspect = fleet.index(of: upstream).map { !hasBroken($0, before: sent) } ?? true
        return (isSuspect, connectFailed(upstream, at: now))
    }

    private func hasBroken(_ upstream: Int, before sent: Instant) -> Bool {
        fleet[upstream].firstBreak.map { $0 <= sent } ?? false
    }

    /// Only the first counts: those that were sent after it don't become suspects by each other's.
    mutating func noteBreak(_ upstream: Int, at now: Instant) {
        if fleet[upstream].firstBreak == nil { fleet[upstream].firstBreak = now }
    }

    /// What was sent, or asked by an agent, at this time got its answer.
    @inline(__always)
    mutating func noteLife(of upstream: Int, at sent: Instant) {
        guard let broke = fleet[upstream].firstBreak, broke < sent else { return }
        fleet[upstream].firstBreak = nil
    }
}
