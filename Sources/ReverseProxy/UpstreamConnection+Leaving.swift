import NIOCore
import RequestRecords
import Scheduling

// The client has left, and llama-server is told so.

extension UpstreamConnection {
    /// The client is gone. llama-server is told so by the end of what is sent, and tells by closing the connection that it
    /// has noticed, or has come to the end of the answer. Nothing else says when: it notices a stream's client with its
    /// next token, others only after a second without a result of any task, and a look at its slots is one.
    ///
    /// - Returns: false if there is no such end to wait for: the connection is to be abandoned.
    func sayGoodbye(for lease: Lease) -> Bool {
        // TLS can't end one direction alone.
        guard let context, isActive, !pool.route.usesTLS, !isDirty else { return false }
        // A whole answer that has begun is made already, and may be long.
        guard phase == .awaitingHead || phase == .relaying && isEventStream, !loop.isClosed else { return false }
        // What isn't sent yet would have to be, and by then llama-server knows nothing of it.
        if isRequestLarge, context.hasUnsentBytes { return false }
        if let client, phase == .relaying { settleTokens(of: client) }
        client = nil
        phase = .leaving
        received = ReceiveBuffer()
        let limit = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.longestGoodbye) { [self] in
            endGoodbye(.clientLeft(runsOn: .untilItLooks))
            close()
        }
        goodbye = (lease, limit)
        resumeReading()
        context.close(mode: .output, promise: nil)
        return true
    }

    /// A llama-server that doesn't say anything for so long is asked for its slots instead.
    private static let longestGoodbye = TimeAmount.seconds(30)

    func endGoodbye(_ outcome: Outcome) {
        guard let (lease, limit) = goodbye else { return }
        goodbye = nil
        limit.cancel()
        loop.dispatcher.finished(lease, outcome)
    }

    /// What llama-server may do when this connection is closed now.
    var runsOn: RunsOn {
        // A head alone can come before the prompt is read.
        phase == .relaying && !awaitsFirstEvent ? .briefly : .untilItLooks
    }
}
