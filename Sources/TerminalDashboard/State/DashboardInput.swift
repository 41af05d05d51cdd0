package import ManagementClient

/// What can happen to a dashboard.
package enum DashboardInput: Sendable {
    case key(Key)
    case resized(TerminalSize)
    /// A second has passed.
    case tick
    /// - Parameter wallTime: this machine's, in seconds since 1970.
    case snapshot(FleetDocument, wallTime: Double)
    /// What a search has found; nil: it couldn't be had.
    case found(FleetDocument?, words: String)
    /// Nil: the balancer keeps none, or it couldn't be had.
    case history(HistoryDocument?)
    /// Nil: the balancer keeps none, or they couldn't be had.
    case events(EventsDocument?)
    /// Nil: the balancer doesn't list them, or they couldn't be had.
    case requests(RequestsDocument?)
    /// Lines of the log of the server with the address.
    case log([String], String)
    /// No more of it comes, for this reason.
    case logEnded(String, String)
    /// The connection ended, or could not be made.
    case lost(reason: String, retryIn: Duration)
    /// What came of a wish.
    case done(String)
    case failed(String)
}

/// What a dashboard wants done.
package enum DashboardDecision: Equatable, Sendable {
    case quit
    case suspend
    /// Draw everything again, whatever is on the screen.
    case repaint
    case loadHistory
    /// Those that have these words, which the snapshot may not have.
    case search(String)
    case loadEvents
    case loadRequests
    /// Until the pane is closed.
    case followLog(ListedAgent)
    case leaveLog
    case change(ManagementClient.Change, ListedAgent)
}
