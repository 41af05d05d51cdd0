import AgentRules
import Synchronization

/// Carries what each balancer tells of its leases to the others. Any thread may call it.
final class LeaseExchange: Sendable {
    private let leases: Mutex<SharedLeases>
    private let outboxes: [LinkOutbox]
    private let clock: AgentClock
    /// Signals that somebody waits for its turn; one signal is enough for any number.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// - Parameter outboxes: one of each balancer.
    init(outboxes: [LinkOutbox], clock: AgentClock) {
        leases = Mutex(SharedLeases(links: outboxes.count))
        self.outboxes = outboxes
        self.clock = clock
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Lets those who wait for their turn hear what has become free. Returns when cancelled.
    func run() async {
        for await _ in signals {
            while let due = leases.withLock({ $0.nextDue }) {
                guard (try? await clock.sleep(until: due)) != nil else { return }
                _ = change { leases, now in
                    leases.pass(to: now)
                    return false
                }
            }
        }
    }

    /// The balancer of this number has told how many leases it has.
    ///
    /// - Returns: whether the slots are to be looked at.
    func told(_ count: Int, by link: Int) -> Bool {
        change { $0.told(count, by: link, at: $1) }
    }

    /// How many leases the balancers have told of, all together.
    var told: Int { leases.withLock { $0.told } }

    /// The connection to the balancer of this number is over.
    ///
    /// - Returns: whether the slots are to be looked at.
    func ended(_ link: Int) -> Bool {
        change { $0.ended(link, at: $1) }
    }

    /// Tells each balancer how the server is, and which of the slots that are in use others have told of.
    func publish(_ status: ServerStatus) {
        leases.withLock { leases in
            for (link, outbox) in outboxes.enumerated() {
                var status = status
                if let start = status.sample?.startedAt {
                    status.sample?.others = leases.mostOfOthers(than: link, since: start)
                }
                outbox.publish(status)
            }
        }
    }

    /// What is told is told in the order of the changes.
    private func change(_ change: (inout SharedLeases, Duration) -> Bool) -> Bool {
        let (isLookWanted, isTurnDue) = leases.withLock { leases in
            let isLookWanted = change(&leases, clock.now())
            for (link, outbox) in outboxes.enumerated() { outbox.setOthers(leases.others(than: link)) }
            return (isLookWanted, leases.nextDue != nil)
        }
        if isTurnDue { signal.yield() }
        return isLookWanted
    }
}
