import Synchronization

/// The tenants of one door, exchanged while it is in use. Any thread may ask.
public final class TenantRing: Sendable {
    private let directory: Mutex<TenantDirectory>
    /// What they have used of what they may.
    public let budgets = TenantBudgets()

    public init(_ directory: TenantDirectory) {
        self.directory = Mutex(directory)
    }

    public func replace(_ directory: TenantDirectory) {
        self.directory.withLock { $0 = directory }
    }

    public var current: TenantDirectory { directory.withLock { $0 } }
}
