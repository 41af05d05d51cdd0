import Scheduling

/// What the balancer has been told of one server, by whomever: enough to say when nothing may be sent there.
struct Hearsay {
    private struct Word {
        var agent: AgentID
        var isReady: Bool
        var isLeaving: Bool
        /// When this agent will have been silent for too long.
        var goodUntil: Instant
    }

    private var words: [Word] = []
    private var ejected: UpstreamID?
    private var ejectedUntil = Instant(nanoseconds: 0)
    private var lastFailure = Instant(nanoseconds: 0)
    private var lastNotReady = Instant(nanoseconds: 0)

    mutating func heard(_ report: UpstreamReport, at now: Instant) {
        forget(report.agent)
        let isReady = report.condition == .ready
        words.append(
            Word(
                agent: report.agent,
                isReady: isReady,
                isLeaving: report.isLeaving,
                goodUntil: now + report.maximumSilence
            )
        )
        // It may have been restarted, which ends an ejection.
        if !isReady {
            ejected = nil
            lastNotReady = now
        }
    }

    mutating func forget(_ agent: AgentID) {
        words.removeAll { $0.agent == agent }
    }

    /// - Parameters:
    ///   - leased: when the request that failed was sent there.
    ///   - length: of the shortest ejection; nil for a failure that needn't eject.
    mutating func failed(_ upstream: UpstreamID, leased: Instant, at now: Instant, ejectedFor length: Duration?) {
        defer { lastFailure = now }
        // One of those that were sent before an ejection doesn't prolong it. It was ready then; if it was said not to
        // be since, the next word that it is ready ends an ejection.
        guard leased > lastFailure, leased > lastNotReady, let length else { return }
        ejected = upstream
        ejectedUntil = now + length
    }

    /// Why nothing may be sent there, nil if it may.
    func objection(to lease: Lease, at now: Instant, lastTick: Instant) -> String? {
        if words.isEmpty { return "for which no agent speaks" }
        if !words.contains(where: \.isReady) { return "which every agent said isn't ready" }
        if !words.contains(where: { $0.isReady && !$0.isLeaving }) { return "whose agents are about to stop" }
        if !words.contains(where: { $0.isReady && !$0.isLeaving && $0.goodUntil >= lastTick }) {
            return "whose agents are silent"
        }
        // The shell's threads don't agree on the time.
        if ejected == lease.upstream, now + .milliseconds(3) < ejectedUntil { return "which is ejected" }
        return nil
    }
}
