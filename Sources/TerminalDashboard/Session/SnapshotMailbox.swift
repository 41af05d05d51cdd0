import ManagementClient
import Synchronization

/// Room for one snapshot: a screen that is slow to draw needs only the newest. Any thread may use it.
final class SnapshotMailbox: Sendable {
    private let newest = Mutex<FleetDocument?>(nil)

    /// - Returns: whether it was empty.
    func put(_ document: FleetDocument) -> Bool {
        newest.withLock { newest in
            defer { newest = document }
            return newest == nil
        }
    }

    func take() -> FleetDocument? {
        newest.withLock { newest in
            defer { newest = nil }
            return newest
        }
    }
}
