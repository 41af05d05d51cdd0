import AgentProtocol
import Scheduling
import Testing

@testable import AgentReception
@testable import Management

struct LogReadersTests {
    private func answer(_ number: Int) -> LogAnswer { LogAnswer(number: number, lines: [], last: 0) }

    @Test("an answer is for who has asked, once")
    func answers() throws {
        var readers = LogReaders()
        let opened = readers.open()
        let number = try #require(opened)
        #expect(readers.heard(answer(number)) == false)
        #expect(readers.ask(number) == true)
        #expect(readers.ask(number) == false)
        #expect(readers.heard(answer(number + 1)) == false)
        #expect(readers.heard(answer(number)) == true)
        #expect(readers.heard(answer(number)) == false)
        #expect(readers.ask(number) == true)
    }

    @Test("an agent is told of the end of those that wait alone")
    func closes() throws {
        var readers = LogReaders()
        let numbers = [readers.open(), readers.open()].compactMap(\.self)
        try #require(numbers.count == 2)
        let (resting, asking) = (numbers[0], numbers[1])
        #expect(readers.ask(asking) == true)
        #expect(readers.close(resting) == false)
        #expect(readers.close(asking) == true)
        #expect(readers.close(asking) == false)
        #expect(readers.heard(answer(asking)) == false)
    }

    @Test("there are so many at one time, and none has the number of one before")
    func bounds() throws {
        var readers = LogReaders()
        let numbers = (1...LogReaders.most).compactMap { _ in readers.open() }
        #expect(Set(numbers).count == LogReaders.most)
        let tooMany = readers.open()
        #expect(tooMany == nil)
        #expect(readers.close(numbers[0]) == false)
        let next = readers.open()
        #expect(try #require(next) > numbers.max() ?? 0)
    }

    @Test("all logs together have so many readers, and a place is free again when its reader has gone")
    func allLogs() {
        let messages = AgentMessages()
        for number in 1...10 {
            let outbox = AgentOutbox()
            messages.connect(
                AgentID(rawValue: "\(number)"),
                to: outbox,
                log: AgentLog(ability: .told, outbox: outbox)
            )
        }
        #expect(messages.agentsThatTellLogs.count == 10)
        var readers: [AgentLogReader] = []
        for number in 1...10 {
            while case .opened(let reader) = messages.openLog(of: AgentID(rawValue: "\(number)")) {
                readers.append(reader)
            }
        }
        #expect(readers.count == AgentMessages.mostLogReaders)
        readers.removeFirst()
        guard case .opened = messages.openLog(of: AgentID(rawValue: "1")) else {
            Issue.record("no place is free")
            return
        }
        messages.disconnect(AgentID(rawValue: "1"))
        #expect(messages.agentsThatTellLogs.count == 9)
    }

    @Test("unsaid questions are one for each reader, and one whose reader has gone isn't said")
    func unsaid() {
        var words = UnsaidWords()
        for after in 1...100 { words.ask(LogQuestion(number: 1, after: after)) }
        words.ask(LogQuestion(number: 2))
        words.endLog(2)
        words.wantsPoll = true
        #expect(words.next() == .message(.poll))
        #expect(words.next() == .message(.log(LogQuestion(number: 1, after: 100))))
        #expect(words.next() == nil)
        for number in 1...100 { words.endLog(number) }
        var said: [Int] = []
        while case .message(.endLog(let number))? = words.next() { said.append(number) }
        #expect(said == Array((101 - LogReaders.most)...100))
    }
}
