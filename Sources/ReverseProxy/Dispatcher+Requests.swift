import LlamaServer
import Scheduling

// Requests, from when they are handed in to the end of their leases.

extension Dispatcher {
    func submit(_ request: RequestID, for demand: RequestDemand = RequestDemand(), at now: Instant) -> Submission {
        locked { $0.submit(request, for: demand, at: now) }
    }

    /// - Returns: false when a dispatch is on its way already; the loop that gets it gives the lease back.
    func cancel(_ ticket: QueueTicket) -> Bool {
        decided { $0.cancel(ticket, at: now()) }
    }

    /// - Parameter use: what the answer says of its prompt.
    /// - Returns: why the lease was of its upstream; nil if it had ended before.
    @discardableResult
    func finished(_ lease: Lease, _ outcome: Outcome, use: ReportedUsage? = nil) -> Choice? {
        decided { scheduler in
            let choice = scheduler.choice(of: lease)
            return (choice, scheduler.finished(lease, outcome, use: use, at: now()))
        }
    }

    /// - Returns: what becomes of the request; nil if the lease had ended before.
    func retry(_ lease: Lease, after failure: Failure) -> Submission? {
        decided { $0.retry(lease, after: failure, at: now()) }
    }

    /// An upstream has just broken something off, and whether it is still there is being found out.
    func brokeOff(_ upstream: UpstreamID) {
        let now = now()
        locked { $0.brokeOff(upstream, at: now) }
    }

    /// A request and its upstream ended together.
    ///
    /// - Returns: what becomes of the request; nil if it has ended, since it may be why.
    func serverDied(_ lease: Lease) -> Submission? {
        decided { $0.serverDied(lease, at: now()) }
    }

    /// The same for a request that needs no slot.
    ///
    /// - Returns: whether the request may be why.
    func serverDied(_ upstream: UpstreamID, sentAt sent: Instant) -> Bool {
        decided { $0.serverDied(upstream, sentAt: sent, at: now()) }
    }

    /// A server has no room for a prompt of so many tokens.
    ///
    /// - Returns: what becomes of the request; nil if no other server has more: what that one said is the answer.
    func findRoom(_ lease: Lease, tokens: Int) -> Submission? {
        decided { scheduler in
            guard let (submission, decisions) = scheduler.findRoom(lease, tokens: tokens, at: now()) else {
                return (nil, nil)
            }
            return (submission, decisions)
        }
    }

    /// A request that needs no slot.
    func submitSlotless(
        _ request: RequestID,
        for model: String? = nil,
        avoiding upstream: UpstreamID?,
        arrived: Instant
    ) -> SlotlessSubmission {
        let now = now()
        return locked {
            $0.submitSlotless(request, for: model, avoiding: upstream, arrived: arrived, at: now)
        }
    }

    /// - Returns: false when a decision about it is on its way already.
    func cancelSlotless(_ request: RequestID) -> Bool {
        locked { $0.cancelSlotless(request) }
    }

    /// A request that needs no slot could not be sent to this upstream.
    func connectFailed(_ upstream: UpstreamID) {
        decided { ((), $0.connectFailed(upstream, at: now())) }
    }
}
