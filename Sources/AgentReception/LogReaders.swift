package import AgentProtocol

/// Who reads the log of an agent's llama-server over one connection, and who waits for an answer: a value.
package struct LogReaders: Sendable {
    /// At one time.
    package static let most = 8

    private enum Reader {
        case resting
        case asking
    }

    private var readers: [Int: Reader] = [:]
    private var lastNumber = 0

    package init() {}

    /// - Returns: the new reader's number; nil: there are too many.
    package mutating func open() -> Int? {
        guard readers.count < Self.most else { return nil }
        lastNumber += 1
        readers[lastNumber] = .resting
        return lastNumber
    }

    /// - Returns: false if the question isn't to be asked: the reader is gone, or waits for an answer already.
    package mutating func ask(_ number: Int) -> Bool {
        guard readers[number] == .resting else { return false }
        readers[number] = .asking
        return true
    }

    /// - Returns: whether somebody waits for this answer.
    package mutating func heard(_ answer: LogAnswer) -> Bool {
        guard readers[answer.number] == .asking else { return false }
        readers[answer.number] = .resting
        return true
    }

    /// - Returns: whether it waited for an answer, so that the agent is to be told that nobody does any more.
    package mutating func close(_ number: Int) -> Bool {
        readers.removeValue(forKey: number) == .asking
    }
}
