import AgentProtocol
import Testing

@testable import AgentRules

struct LogQuestionsTests {
    private func nothing(_ question: LogQuestion) -> LogAnswer {
        LogAnswer(number: question.number, lines: [], last: question.after ?? 0)
    }

    @Test("who doesn't wait is answered at once, even with nothing")
    func atOnce() {
        var questions = LogQuestions()
        questions.ask(LogQuestion(number: 1))
        #expect(questions.next(nothing) == .say(LogAnswer(number: 1, lines: [], last: 0)))
        #expect(questions.next(nothing) == .nothing)
    }

    @Test("who waits is answered when there is a line, once for each question")
    func waits() {
        var questions = LogQuestions()
        questions.ask(LogQuestion(number: 1, after: 5, waits: true))
        questions.ask(LogQuestion(number: 2, after: 3, waits: true))
        #expect(questions.next(nothing) == .wait(after: 3))
        let answer = LogAnswer(number: 2, lines: ["x"], last: 4)
        #expect(questions.next { $0.number == 2 ? answer : nothing($0) } == .say(answer))
        #expect(questions.next(nothing) == .wait(after: 5))
        questions.end(1)
        #expect(questions.next(nothing) == .nothing)
    }

    @Test("a question takes the place of one of the same number, and too many are forgotten")
    func bounds() {
        var questions = LogQuestions()
        for _ in 1...100 { questions.ask(LogQuestion(number: 1, waits: true)) }
        questions.ask(LogQuestion(number: 1))
        #expect(questions.next(nothing) == .say(LogAnswer(number: 1, lines: [], last: 0)))
        #expect(questions.next(nothing) == .nothing)
        for number in 1...100 { questions.ask(LogQuestion(number: number)) }
        var count = 0
        while case .say = questions.next(nothing) { count += 1 }
        #expect(count == LogQuestions.most)
    }
}
