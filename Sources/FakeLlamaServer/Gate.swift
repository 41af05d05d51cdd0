import NIOCore
import NIOPosix
import Synchronization

/// Opens and closes the server's port, and does what else the control endpoints ask for.
final class Gate: Sendable {
    typealias Listen = @Sendable () -> EventLoopFuture<any Channel>

    private struct Guarded {
        var listen: Listen?
        var listener: (any Channel)?
    }

    private let loops: [NIOLoopBound<LoopState>]
    private let eventLoop: any EventLoop
    private let guarded = Mutex(Guarded())

    init(loops: [NIOLoopBound<LoopState>], eventLoop: any EventLoop) {
        self.loops = loops
        self.eventLoop = eventLoop
    }

    /// - Parameter listen: binds the port that the server has had from its start.
    func open(_ listen: @escaping Listen) -> EventLoopFuture<Void> {
        guarded.withLock { $0.listen = listen }
        return reopen()
    }

    func perform(_ action: ControlAction, state: SharedState) -> EventLoopFuture<Void> {
        switch action {
        case .resetCounts:
            state.resetCounts()
        case .clearFaults:
            state.clearFaults()
            return reopen()
        case .add(let fault):
            switch fault.kind {
            case .refuse: return close()
            case .closeIdle: return closeIdle()
            case .stall: state.stall()
            default: state.add(fault)
            }
        }
        return eventLoop.makeSucceededVoidFuture()
    }

    private func reopen() -> EventLoopFuture<Void> {
        let listen = guarded.withLock { $0.listener == nil ? $0.listen : nil }
        guard let listen else { return eventLoop.makeSucceededVoidFuture() }
        return listen().map { listener in self.guarded.withLock { $0.listener = listener } }
    }

    private func close() -> EventLoopFuture<Void> {
        let listener = guarded.withLock { state in
            defer { state.listener = nil }
            return state.listener
        }
        return listener?.close() ?? eventLoop.makeSucceededVoidFuture()
    }

    private func closeIdle() -> EventLoopFuture<Void> {
        let closings = loops.map { loop in loop.eventLoop.submit { loop.value.closeIdle(since: .now()) } }
        return EventLoopFuture.andAllSucceed(closings, on: eventLoop)
    }
}
