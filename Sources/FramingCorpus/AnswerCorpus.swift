/// All answers, by family. Each family is a table in a file of its own, in `Answers`.
package enum AnswerCorpus {
    package static let families: [(name: String, cases: [AnswerCase])] = tables.map { ($0.family, $0.cases) }

    private static var tables: [AnswerTable] {
        [.statusLine, .answerLine, .answerLength, .answerChunks, .secondAnswer, .interimAnswer]
    }
}
