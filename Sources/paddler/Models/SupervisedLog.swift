import Agent
import AgentProtocol
import Supervision
import SupervisionRules

/// What a llama-server of this process prints, as its agent tells it.
struct SupervisedLog: ServerLog {
    let output: ServerOutput

    func answer(to question: LogQuestion) -> LogAnswer {
        let part = output.part(
            after: question.after,
            count: question.lines,
            mostAtOnce: LogAnswer.mostLines,
            bytes: LogAnswer.mostBytes
        )
        return LogAnswer(
            number: question.number,
            lines: part.lines,
            leftOut: part.leftOut,
            last: part.last,
            hasMore: part.hasMore
        )
    }

    func onLine(after number: Int, _ call: @escaping @Sendable () -> Void) {
        output.onLine(after: number, call)
    }
}
