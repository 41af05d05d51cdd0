import NIOCore

/// What belongs to one event loop: its timers and its connections.
final class LoopState {
    let loop: any EventLoop
    let wheel: TimerWheel
    private var connections: [ObjectIdentifier: Connection] = [:]

    init(loop: any EventLoop, idleLimit: TimeAmount) {
        self.loop = loop
        wheel = TimerWheel(loop: loop)
        guard idleLimit > .zero else { return }
        let interval = TimeAmount.nanoseconds(max(10_000_000, idleLimit.nanoseconds / 20))
        let state = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            state.value.closeIdle(since: .now() - idleLimit)
        }
    }

    func add(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
    }

    func remove(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Closes the connections that have had no request on them since `deadline`.
    func closeIdle(since deadline: NIODeadline) {
        for connection in Array(connections.values) where connection.isIdle(since: deadline) { connection.close() }
    }
}
