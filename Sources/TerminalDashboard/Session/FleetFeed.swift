import ManagementClient

/// Keeps a dashboard up to date, over as many connections as it takes.
struct FleetFeed {
    let client: ManagementClient
    let mailbox: SnapshotMailbox
    let report: @Sendable (FeedEvent) -> Void

    /// Returns when its task is cancelled.
    func run() async {
        var delay = ReconnectDelay()
        while !Task.isCancelled {
            let failure = await client.watch { document in
                delay.succeeded()
                if mailbox.put(document) { report(.snapshot) }
            }
            let wait = delay.failed()
            report(.lost(failure, retryIn: wait))
            try? await Task.sleep(for: wait)
        }
    }
}

enum FeedEvent: Sendable {
    /// One is in the mailbox.
    case snapshot
    case lost(ManagementClientError, retryIn: Duration)
    case history(HistoryDocument?)
    case changed(ManagementClient.Change, ListedAgent)
    case notChanged(ManagementClientError)
}
