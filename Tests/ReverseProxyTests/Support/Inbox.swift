import Synchronization

/// What events have brought so far, and a way to wait for more.
final class Inbox<Contents: Sendable>: Sendable {
    private struct State {
        var contents: Contents
        var changes = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ contents: Contents) {
        state = Mutex(State(contents: contents))
    }

    func change(_ body: (inout Contents) -> Void) {
        let waiting = state.withLock { state in
            body(&state.contents)
            state.changes += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until `attempt` finds what it looks for.
    func first<Value: Sendable>(_ attempt: (inout Contents) throws -> Value?) async throws -> Value {
        while true {
            try Task.checkCancellation()
            let (value, seen) = try state.withLock { (try attempt(&$0.contents), $0.changes) }
            if let value { return value }
            await change(after: seen)
        }
    }

    private func change(after seen: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.changes != seen { return true }
                    state.waiting.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            change { _ in }
        }
    }
}
