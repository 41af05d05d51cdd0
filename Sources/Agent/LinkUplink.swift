import AgentProtocol
import NIOCore

/// The body of a connection's request: written when the connection asks for more, so that a slow one says the latest.
struct LinkUplink: AsyncSequence, Sendable {
    let hello: Hello
    let signals: AsyncStream<Void>
    let outbox: LinkOutbox

    func makeAsyncIterator() -> Iterator {
        Iterator(hello: hello, signals: signals.makeAsyncIterator(), outbox: outbox)
    }

    struct Iterator: AsyncIteratorProtocol {
        private var hello: Hello?
        private var signals: AsyncStream<Void>.Iterator
        private var sample: Int?
        private var isOver = false
        private let outbox: LinkOutbox

        fileprivate init(hello: Hello, signals: AsyncStream<Void>.Iterator, outbox: LinkOutbox) {
            self.hello = hello
            self.signals = signals
            self.outbox = outbox
        }

        mutating func next() async throws -> ByteBuffer? {
            if let hello = hello.take() { return try line(.hello(hello)) }
            while !isOver, await signals.next() != nil {
                switch outbox.saying(afterSample: sample) {
                case .nothing:
                    continue
                case .report(let report, let number):
                    sample = number
                    return try line(.report(report))
                case .goodbye:
                    isOver = true
                    return try line(.goodbye)
                }
            }
            return nil
        }

        private func line(_ message: AgentMessage) throws -> ByteBuffer {
            ByteBuffer(bytes: try encodeLine(message))
        }
    }
}
