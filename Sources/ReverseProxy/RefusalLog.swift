import Logging
import NIOCore
import Synchronization

/// Tells the log about refused requests: one line for each reason in ten seconds, however many there are, over all event
/// loops.
final class RefusalLog: Sendable {
    private let tally = Mutex(RefusalTally())
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func add(_ refusal: Refusal) {
        tally.withLock { $0.add(refusal) }
    }

    func sayDue(at now: NIODeadline) {
        let now = now.uptimeNanoseconds
        for due in tally.withLock({ $0.takeDue(at: now) }) {
            let requests = due.count == 1 ? "1 request" : "\(due.count) requests"
            let time = due.since.map { " in \((now - $0) / 1_000_000_000) s" } ?? ""
            logger.warning("\(requests) refused\(time): \(due.refusal.rawValue)")
        }
    }
}
