import AgentProtocol
import AgentRules
import NIOCore

/// The body of a connection's request: written when the connection asks for more, so that a slow one says the latest.
struct LinkUplink: AsyncSequence, Sendable {
    let hello: Hello
    let signals: AsyncStream<Void>
    let outbox: LinkOutbox
    let clock: AgentClock

    func makeAsyncIterator() -> Iterator {
        Iterator(hello: hello, signals: signals.makeAsyncIterator(), outbox: outbox, clock: clock)
    }

    struct Iterator: AsyncIteratorProtocol {
        private var hello: Hello?
        private var signals: AsyncStream<Void>.Iterator
        private var words = UplinkWords()
        private let outbox: LinkOutbox
        private let clock: AgentClock

        fileprivate init(hello: Hello, signals: AsyncStream<Void>.Iterator, outbox: LinkOutbox, clock: AgentClock) {
            self.hello = hello
            self.signals = signals
            self.outbox = outbox
            self.clock = clock
        }

        mutating func next() async throws -> ByteBuffer? {
            if let hello = hello.take() { return try line(.hello(hello)) }
            while !words.isOver, await signals.next() != nil {
                if let message = words.message(outbox.saying(), at: clock.now()) { return try line(message) }
            }
            return nil
        }

        private func line(_ message: AgentMessage) throws -> ByteBuffer {
            ByteBuffer(bytes: try encodeLine(message))
        }
    }
}
