package import AgentProtocol

/// What a balancer has asked of the server's log and wasn't answered yet: a value.
package struct LogQuestions: Sendable {
    /// More are forgotten: balancers ask fewer at one time.
    package static let most = 16

    private var questions: [LogQuestion] = []

    package init() {}

    /// Takes the place of one of the same number.
    package mutating func ask(_ question: LogQuestion) {
        questions.removeAll { $0.number == question.number }
        guard questions.count < Self.most else { return }
        questions.append(question)
    }

    package mutating func end(_ number: Int) {
        questions.removeAll { $0.number == number }
    }

    package enum Step: Equatable, Sendable {
        case nothing
        case say(LogAnswer)
        /// Until there is a line behind the one of that number.
        case wait(after: Int)
    }

    /// - Parameter answer: what there is to say.
    package mutating func next(_ answer: (LogQuestion) -> LogAnswer) -> Step {
        var earliest: Int?
        for (index, question) in questions.enumerated() {
            let answer = answer(question)
            guard answer.lines.isEmpty, question.waits else {
                questions.remove(at: index)
                return .say(answer)
            }
            earliest = min(earliest ?? answer.last, answer.last)
        }
        return earliest.map { .wait(after: $0) } ?? .nothing
    }
}
