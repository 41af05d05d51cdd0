import Scheduling
import SeededRandom

/// A tenant as the world knows it.
struct Sharer {
    let terms: TenantTerms
    let priority: UInt8
    /// How long its answers take.
    let service: ClosedRange<Int>
    /// How many of its requests it keeps waiting while it is busy.
    let window: Int
    /// How many of 100 attempts a server refuses when they have had their time.
    let refused: Int
    var isBusy = true
    /// Tickets and arrivals of those that wait, in the order of their arrival.
    var waiting: [RequestID] = []
    var running = 0
    /// Slot time of what has ended.
    var served = Duration.zero
    /// Of that, what it got because its class had been passed over: whoever waited longest, and not whose turn it was.
    var granted = Duration.zero
    /// Since when it has had something that waits, and nobody of a better class had; nil: it hasn't.
    var backloggedSince: Instant?
    /// The most that it had running since then.
    var mostRunning = 0

    var isAtLimit: Bool { terms.maximumRunning.map { running >= $0 } ?? false }

    func someService(_ random: inout SplitMix64) -> Duration {
        .milliseconds(service.lowerBound + random.below(service.upperBound - service.lowerBound + 1))
    }
}
