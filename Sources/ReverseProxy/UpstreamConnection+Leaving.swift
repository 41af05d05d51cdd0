import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling

// The client has left, and llama-server is told so.

extension UpstreamConnection {
    /// - Returns: false if there is no end to wait for: the connection is to be abandoned.
    func sayGoodbye(for lease: Lease) -> Bool {
        // TLS can't end one direction alone.
        guard let context, isActive, !pool.route.usesTLS, !loop.isClosed else { return false }
        // What isn't sent yet would have to be, and by then llama-server knows nothing of it.
        if isRequestLarge, context.hasUnsentBytes { return false }
        let wasRelaying = if case .relaying = link.phase { true } else { false }
        guard link.saysGoodbye(for: lease, relay) else { return false }
        if let client, wasRelaying { settleTokens(of: client) }
        client = nil
        received = ReceiveBuffer()
        goodbyeLimit = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.longestGoodbye) { [self] in
            if let (lease, outcome) = link.goodbyeEnds() { loop.dispatcher.finished(lease, outcome) }
            close()
        }
        resumeReading()
        context.close(mode: .output, promise: nil)
        return true
    }

    /// A llama-server that doesn't say anything for so long is asked for its slots instead.
    private static let longestGoodbye = TimeAmount.seconds(30)

    func saidGoodbye(_ lease: Lease, _ outcome: Outcome) {
        goodbyeLimit?.cancel()
        goodbyeLimit = nil
        loop.dispatcher.finished(lease, outcome)
        if !outcome.leavesSlotsBusy { loop.giveBackSlotsLater(lease.slots, of: lease.request) }
        pool.remove(self)
    }
}
