import LlamaServer
import Scheduling

// What a report must do to what the scheduler knows of an upstream.

extension Simulation {
    /// So long before a sample, a lease that has ended can't be taken for one that runs: a bucket of the scheduler's
    /// history, twice what a clock may be off, and a little more.
    private static let silence = Duration.milliseconds(250)

    func upstream(at address: NetworkAddress) -> UpstreamSnapshot? {
        scheduler.snapshot(at: clock).upstreams.first { $0.address == address }
    }

    func upstream(_ id: UpstreamID) -> UpstreamSnapshot? {
        guard scheduler.knows(id) else { return nil }
        return scheduler.snapshot(at: clock).upstreams.first { $0.id == id }
    }

    /// - Parameter before: the report's upstream before it came.
    mutating func checkReport(_ mail: Mail, before: UpstreamSnapshot?) throws(Violation) {
        // Another one speaks for it otherwise.
        guard let after = upstream(at: mail.report.address), after.agent == mail.report.agent else { return }
        records[mail.server].meet(after.id, at: clock)
        if before?.id != after.id || before?.agent != after.agent {
            records[mail.server].ownedSince = clock
            records[mail.server].latestSample = nil
            records[mail.server].attention = .regular
        }
        if before?.id == after.id, before?.condition != .ready, after.condition == .ready {
            records[mail.server].cameBack()
        }
        guard let sample = mail.report.slots else { return }
        try checkSample(sample, on: mail.server, before: before, after: after)
    }

    private mutating func checkSample(
        _ sample: SlotSample,
        on server: Int,
        before: UpstreamSnapshot?,
        after: UpstreamSnapshot
    ) throws(Violation) {
        let latest = min(sample.taken.upperBound, clock)
        if let known = records[server].latestSample, latest <= known {
            guard after.slotsTotal == before?.slotsTotal else {
                throw Violation(.samples, "an old sample was believed")
            }
            return
        }
        records[server].latestSample = latest
        records[server].showedLife(at: min(sample.taken.lowerBound, latest))
        records[server].attention = sample.isResting ? .resting : .regular
        if leases(on: server) > 0 { records[server].attention.used(at: clock) }
        let total = max(0, sample.total)
        guard after.slotsTotal == total, after.sinceLastSample == max(.zero, clock - latest) else {
            throw Violation(.samples, "a new sample of \(after.address) wasn't believed")
        }
        let processing = min(max(0, sample.processing), total)
        guard isQuiet(server, since: min(sample.taken.lowerBound, latest)) else { return }
        // None of those that the sample shows has a lease: each is another client's, or was left by its own.
        guard after.slotsForeign + after.slotsCooling == processing else {
            throw Violation(
                .samples,
                "\(processing) run on \(after.address) without a lease, counted are \(after.slotsCooling) that cool and \(after.slotsForeign) of others"
            )
        }
    }

    private func isQuiet(_ server: Int, since begin: Instant) -> Bool {
        let record = records[server]
        return leases(on: server) == 0 && max(record.quietSince, record.knownSince) + Self.silence <= begin
    }
}
