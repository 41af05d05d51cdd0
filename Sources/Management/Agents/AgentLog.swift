import AgentProtocol
import AgentReception
import Synchronization

/// The log of one agent's llama-server, as it can be asked for over the agent's connection. Any thread may call it.
final class AgentLog: Sendable {
    /// Whether it can be asked for.
    enum Ability: Sendable {
        case told
        /// Somebody else than the agent runs the server.
        case notKept
        /// The agent knows no such question.
        case unknown

        init(_ hello: Hello) {
            self =
                switch hello.tellsLog {
                case true?: .told
                case false?: .notKept
                case nil: .unknown
                }
        }
    }

    let ability: Ability
    private let outbox: AgentOutbox
    private let state = Mutex(State())

    private struct State {
        var readers = LogReaders()
        /// Of those who wait for an answer. Bounded by the readers.
        var waiting: [Int: CheckedContinuation<LogAnswer?, Never>] = [:]
        var isOver = false
    }

    init(ability: Ability, outbox: AgentOutbox) {
        self.ability = ability
        self.outbox = outbox
    }

    /// - Parameter onEnd: called when the reader is gone.
    /// - Returns: nil if there are too many readers.
    func open(onEnd: @escaping @Sendable () -> Void) -> AgentLogReader? {
        state.withLock { $0.readers.open() }.map { AgentLogReader(number: $0, log: self, onEnd: onEnd) }
    }

    /// The agent has answered.
    func heard(_ answer: LogAnswer) {
        let waiting = state.withLock { state in
            state.readers.heard(answer) ? state.waiting.removeValue(forKey: answer.number) : nil
        }
        waiting?.resume(returning: answer)
    }

    /// The connection is over: nobody answers any more.
    func end() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: nil) }
    }

    /// - Returns: nil when the connection or the reader is over, or the task is cancelled.
    fileprivate func answer(to question: LogQuestion) async -> LogAnswer? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAsked = state.withLock { state in
                    guard !state.isOver, !Task.isCancelled, state.readers.ask(question.number) else { return false }
                    state.waiting[question.number] = continuation
                    return true
                }
                if isAsked { outbox.ask(question) } else { continuation.resume(returning: nil) }
            }
        } onCancel: {
            close(question.number)
        }
    }

    fileprivate func close(_ number: Int) {
        let (wasAsking, waiting) = state.withLock { state in
            (state.readers.close(number), state.waiting.removeValue(forKey: number))
        }
        if wasAsking { outbox.endLog(number) }
        waiting?.resume(returning: nil)
    }
}

/// A place among those who read a log. It is given back when nobody refers to this any more.
final class AgentLogReader: Sendable {
    private let number: Int
    private let log: AgentLog
    private let onEnd: @Sendable () -> Void

    fileprivate init(number: Int, log: AgentLog, onEnd: @escaping @Sendable () -> Void) {
        self.number = number
        self.log = log
        self.onEnd = onEnd
    }

    deinit {
        log.close(number)
        onEnd()
    }

    /// - Parameters:
    ///   - after: the number of the last line that is known; nil: the last ones are wanted.
    ///   - lines: at most.
    ///   - waits: whether to wait until there is one.
    /// - Returns: nil when no answer comes any more, by this or any other question.
    func ask(after: Int?, lines: Int, waits: Bool) async -> LogAnswer? {
        await log.answer(to: LogQuestion(number: number, after: after, lines: lines, waits: waits))
    }

    /// Nobody reads any more.
    func end() {
        log.close(number)
    }
}
