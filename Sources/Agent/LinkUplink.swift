import AgentProtocol
import AgentRules

/// The body of a connection's request: written when the connection asks for more, so that a slow one says the latest.
struct LinkUplink: AsyncSequence, Sendable {
    let hello: Hello
    let signals: AsyncStream<Void>
    /// Its number at the outbox.
    let connection: Int
    let outbox: LinkOutbox
    let clock: AgentClock

    func makeAsyncIterator() -> Iterator {
        Iterator(self)
    }

    struct Iterator: AsyncIteratorProtocol {
        private var hello: Hello?
        private var signals: AsyncStream<Void>.Iterator
        private var words = UplinkWords()
        /// Of the news that were looked at last.
        private var newsNumber: Int?
        private var saidOthersLast = false
        private var saidPromptLast = false
        private let connection: Int
        private let outbox: LinkOutbox
        private let clock: AgentClock

        fileprivate init(_ uplink: LinkUplink) {
            hello = uplink.hello
            signals = uplink.signals.makeAsyncIterator()
            connection = uplink.connection
            outbox = uplink.outbox
            clock = uplink.clock
        }

        mutating func next() async throws -> [UInt8]? {
            if let hello = hello.take() { return try encodeLine(.hello(hello)) }
            while !words.isOver, let news = outbox.news(for: connection) {
                if let message = message(news) { return try encodeLine(message) }
                if let message = words.message(ofPromptSeed: news.promptSeed) { return try encodeLine(message) }
                // Last: how the server is matters more than what it has computed, and what it prints.
                if let message = messageOfRest() { return try encodeLine(message) }
                guard await signals.next() != nil else { return nil }
            }
            return nil
        }

        /// In turns, since there may be always more of both.
        private mutating func messageOfRest() -> AgentMessage? {
            if saidPromptLast, let answer = outbox.logAnswer() {
                saidPromptLast = false
                return .log(answer)
            }
            if let news = outbox.nextOfPrompts() {
                saidPromptLast = true
                return .prompt(news)
            }
            return saidPromptLast ? nil : outbox.logAnswer().map { .log($0) }
        }

        /// In turns, since leases may change faster than a slow connection takes words.
        private mutating func message(_ news: LinkOutbox.News) -> AgentMessage? {
            if saidOthersLast, let message = messageOfServer(news) {
                saidOthersLast = false
                return message
            }
            if let message = words.message(ofOthers: news.others) {
                saidOthersLast = true
                return message
            }
            return messageOfServer(news)
        }

        private mutating func messageOfServer(_ news: LinkOutbox.News) -> AgentMessage? {
            guard news.number != newsNumber else { return nil }
            newsNumber = news.number
            return words.message(news.saying, at: clock.now())
        }
    }
}
