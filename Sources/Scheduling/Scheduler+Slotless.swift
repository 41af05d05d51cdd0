// Requests that need no slot, only a server: lists of models, tokens, templates.

extension Scheduler {
    /// Hands in a request that needs no slot, or does so again after a server could not be reached.
    ///
    /// - Parameters:
    ///   - arrived: when it was handed in first: its waits add up.
    ///   - avoiding: passed over for as long as there is another.
    public mutating func submitSlotless(
        _ request: RequestID,
        avoiding: UpstreamID?,
        arrived: Instant,
        at now: Instant
    ) -> SlotlessSubmission {
        let now = advance(to: now)
        if let (upstream, route) = freeUpstream(avoiding: avoiding) { return .send(upstream, route) }
        guard phase != .closed else { return .reject(.shuttingDown) }
        let waited = now.since(arrived)
        guard limits.maximumQueued > 0, waited < limits.slotlessTimeout else {
            return .reject(.noServer(waited: waited.duration, summary))
        }
        guard hasRoomToWait else { return .reject(.queueFull(limit: limits.maximumQueued, summary)) }
        slotless.insert(request, arrived: min(arrived, now))
        return .waits
    }

    /// Its client has left.
    /// - Returns: false when it no longer waited: a decision about it is on its way.
    public mutating func cancelSlotless(_ request: RequestID) -> Bool {
        slotless.remove(request)
    }

    /// Requests of both kinds that wait share the places.
    var hasRoomToWait: Bool { queue.count + slotless.count < limits.maximumQueued }

    /// When the first of them has waited long enough.
    var nextSlotlessDeadline: Instant? { slotless.oldest?.advanced(by: limits.slotlessTimeout) }

    /// A server became usable.
    mutating func sendSlotless(_ decisions: inout Decisions) {
        guard slotless.count > 0, let (upstream, route) = freeUpstream(avoiding: nil) else { return }
        for (request, _) in slotless.take(arrivedBy: Instant(nanoseconds: .max)) {
            decisions.append(.send(request, upstream, route))
        }
    }

    mutating func rejectSlotlessDue(at now: Instant, _ decisions: inout Decisions) {
        guard let due = nextSlotlessDeadline, due <= now else { return }
        for (request, arrived) in slotless.take(arrivedBy: now.advanced(by: .zero - limits.slotlessTimeout)) {
            decisions.append(.reject(request, .noServer(waited: now.since(arrived).duration, summary)))
        }
    }

    mutating func rejectAllSlotless(_ decisions: inout Decisions) {
        for (request, _) in slotless.take(arrivedBy: Instant(nanoseconds: .max)) {
            decisions.append(.reject(request, .shuttingDown))
        }
    }
}
