import AgentProtocol
import Synchronization

@testable import Agent

/// A log that a test writes.
final class ServerLogStub: ServerLog {
    private struct State {
        var lines: [String] = []
        var waiting: [(number: Int, call: @Sendable () -> Void)] = []
    }

    private let state = Mutex(State())

    func print(_ line: String) {
        let due = state.withLock { state in
            state.lines.append(line)
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in due { one.call() }
    }

    func answer(to question: LogQuestion) -> LogAnswer {
        state.withLock { state in
            let start = question.after ?? max(0, state.lines.count - question.lines)
            return LogAnswer(
                number: question.number,
                lines: Array(state.lines.dropFirst(start)),
                last: state.lines.count
            )
        }
    }

    func onLine(after number: Int, _ call: @escaping @Sendable () -> Void) {
        let isDue = state.withLock { state in
            if state.lines.count <= number { state.waiting.append((number, call)) }
            return state.lines.count > number
        }
        if isDue { call() }
    }
}
