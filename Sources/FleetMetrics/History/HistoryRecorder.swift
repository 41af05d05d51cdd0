public import ServiceLifecycle
import Synchronization

/// Keeps the history: takes a reading every second. Any thread may read.
public final class HistoryRecorder: Service {
    private let history = Mutex(FleetHistory())
    private let reading: @Sendable () async -> FleetReading

    /// - Parameter reading: what is counted at the moment of the call.
    public init(reading: @escaping @Sendable () async -> FleetReading) {
        self.reading = reading
    }

    /// What is known now.
    public var current: FleetHistory { history.withLock { $0 } }

    /// Takes one reading.
    ///
    /// - Parameter second: seconds since the recorder began; larger than the last.
    public func record(second: Int) async {
        let reading = await reading()
        history.withLock { $0.record(reading, second: second) }
    }

    /// Records until a graceful shutdown or cancellation.
    public func run() async {
        let clock = ContinuousClock()
        let start = clock.now
        var second = 0
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await record(second: second)
            // A second that has passed while the machine was busy or asleep is not made up for.
            second = max(second + 1, Int((clock.now - start) / .seconds(1)))
            await cancelWhenGracefulShutdown { [second] in try? await clock.sleep(until: start + .seconds(second)) }
        }
    }
}
