import LlamaServer
import Management
import Scheduling
import Synchronization

/// A fleet that writes down what it is told, and lets a test wait for it.
final class RecordingFleet: FleetControl {
    enum Event: Equatable, Sendable {
        case reported(UpstreamReport)
        case left(AgentID)
        case drains(NetworkAddress, Bool)
    }

    private let scheduler = Mutex(Scheduler(configuration: .init()))
    private let log = Mutex<[Event]>([])
    private let time = Mutex(Instant(nanoseconds: 1_000_000_000))
    private let stream: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// All that has been told until now.
    var events: [Event] { log.withLock { $0 } }

    /// Waits for the next thing to be told; one test may wait at a time.
    func nextEvent() async -> Event? {
        await stream.first { _ in true }
    }

    func now() -> Instant {
        time.withLock { $0 }
    }

    /// Goes exactly as fast as the fleet's own.
    var wallClock: @Sendable () -> Int64 {
        { [self] in 1_733_500_000_000_000_000 + now().nanoseconds }
    }

    /// Lets time pass, which stands still otherwise.
    func advance(by duration: Duration) {
        let now = time.withLock { time in
            time = time + duration
            return time
        }
        scheduler.withLock { _ = $0.tick(at: now) }
    }

    func reported(_ report: UpstreamReport) {
        let now = now()
        scheduler.withLock { _ = $0.reported(report, at: now) }
        note(.reported(report))
    }

    func agentLeft(_ agent: AgentID) {
        let now = now()
        scheduler.withLock { _ = $0.agentLeft(agent, at: now) }
        note(.left(agent))
    }

    func setDraining(_ address: NetworkAddress, _ isDraining: Bool) {
        let now = now()
        scheduler.withLock { _ = isDraining ? $0.drain(address, at: now) : $0.undrain(address, at: now) }
        note(.drains(address, isDraining))
    }

    func snapshot() -> FleetSnapshot {
        let now = now()
        return scheduler.withLock { $0.snapshot(at: now) }
    }

    private func note(_ event: Event) {
        log.withLock { $0.append(event) }
        continuation.yield(event)
    }
}
