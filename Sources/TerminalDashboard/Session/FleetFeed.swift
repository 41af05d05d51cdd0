import ManagementClient

/// Keeps a dashboard up to date, over as many connections as it takes.
struct FleetFeed {
    let client: ManagementClient
    let mailbox: SnapshotMailbox
    let report: @Sendable (FeedEvent) -> Void

    /// For balancers without a stream.
    private static let pollInterval: Duration = .seconds(1)

    /// Returns when its task is cancelled.
    func run() async {
        var delay = ReconnectDelay()
        while !Task.isCancelled {
            var failure = await client.watch { document in
                delay.succeeded()
                take(document)
            }
            // Paddler 1.2 has the document and no stream of it.
            if case .refused(_, status: 404, _) = failure { failure = await poll(&delay) }
            let wait = delay.failed()
            report(.lost(failure, retryIn: wait))
            try? await Task.sleep(for: wait)
        }
    }

    private func poll(_ delay: inout ReconnectDelay) async -> ManagementClientError {
        while true {
            do throws(ManagementClientError) {
                take(try await client.snapshot())
            } catch {
                return error
            }
            delay.succeeded()
            try? await Task.sleep(for: Self.pollInterval)
        }
    }

    private func take(_ document: FleetDocument) {
        if mailbox.put(document) { report(.snapshot) }
    }
}

enum FeedEvent: Sendable {
    /// One is in the mailbox.
    case snapshot
    case lost(ManagementClientError, retryIn: Duration)
    case found(FleetDocument?, words: String)
    case history(HistoryDocument?)
    case events(EventsDocument?)
    case requests(RequestsDocument?)
    case log([String], String)
    case logEnded(ManagementClientError, String)
    case changed(ManagementClient.Change, ListedAgent)
    case notChanged(ManagementClientError)
}
