import AgentProtocol
import AgentRules
import LlamaServer

/// The body of a 1.x connection's request: documents without anything between them, each written at once and so a chunk of
/// its own.
struct Version1Uplink: AsyncSequence, Sendable {
    let name: String?
    /// With an IP address.
    let address: NetworkAddress
    let signals: AsyncStream<Void>
    let outbox: LinkOutbox
    let clock: AgentClock
    /// Opened when there is a connection.
    let wasConnected: Latch
    let news: AsyncStream<ConversationNews>.Continuation

    func makeAsyncIterator() -> Iterator {
        Iterator(uplink: self, signals: signals.makeAsyncIterator())
    }

    struct Iterator: AsyncIteratorProtocol {
        private let uplink: Version1Uplink
        private var signals: AsyncStream<Void>.Iterator
        private var last: Version1Report?
        /// The number of the last sample that this connection has carried.
        private var lastSample: Int?

        fileprivate init(uplink: Version1Uplink, signals: AsyncStream<Void>.Iterator) {
            self.uplink = uplink
            self.signals = signals
        }

        /// Asked for the first time when there is a connection.
        mutating func next() async throws -> [UInt8]? {
            if !uplink.wasConnected.isOpen { uplink.news.yield(.connected(balancerVersion: nil)) }
            uplink.wasConnected.open()
            while await signals.next() != nil {
                switch uplink.outbox.saying() {
                case .nothing:
                    continue
                case .status(let status, let isLeaving):
                    let report = Version1Report(
                        status,
                        isLeaving: isLeaving,
                        name: uplink.name,
                        address: uplink.address
                    )
                    guard isNews(report, of: status) || isLeaving else { continue }
                    if isLeaving { uplink.news.yield(.toldOfLeaving(at: uplink.clock.now())) }
                    return try report.json()
                case .goodbye:
                    // The end of the request is goodbye.
                    return nil
                }
            }
            return nil
        }

        /// 1.x counts its own requests on top of the last report, and would forget them by one that tells an old sample
        /// again. That a llama-server can't be used may be said as often as one likes, and so may that there are no slots.
        private mutating func isNews(_ report: Version1Report, of status: ServerStatus) -> Bool {
            let isOld = report == last && status.sample?.number == lastSample
            last = report
            lastSample = status.sample?.number
            return !isOld || status.condition != .ready
        }
    }
}
