import AgentProtocol
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
        /// The number of the last sample that this connection has carried.
        private var sample: Int?
        /// The last report that this connection has carried.
        private var said: StatusReport?
        private var isOver = false
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
            while !isOver, await signals.next() != nil {
                switch outbox.saying() {
                case .nothing:
                    continue
                case .status(let status, let isLeaving):
                    let isNew = status.sample?.number != sample
                    sample = status.sample?.number
                    var report = status.report(sentAt: clock.now(), includingSample: isNew)
                    report.isLeaving = isLeaving
                    let message = report.message(after: said)
                    said = report
                    return try line(message)
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

extension StatusReport {
    /// The shortest message that says it to who has heard the other.
    fileprivate func message(after other: StatusReport?) -> AgentMessage {
        guard var other else { return .report(self) }
        other.slots = slots
        other.sentAtMilliseconds = sentAtMilliseconds
        guard self == other else { return .report(self) }
        guard let slots else { return .heartbeat }
        return .slots(SlotsReport(sentAtMilliseconds: sentAtMilliseconds, slots: slots))
    }
}
