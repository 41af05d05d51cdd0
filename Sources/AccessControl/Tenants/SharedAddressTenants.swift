import Synchronization

/// ``AddressTenants`` behind a lock. Any thread may ask.
public final class SharedAddressTenants: Sendable {
    private let tenants: Mutex<AddressTenants>

    public init(limit: Int = AddressTenants.usualLimit) {
        tenants = Mutex(AddressTenants(limit: limit))
    }

    /// - Returns: as ``AddressTenants/number(of:)``.
    public func number(of address: IPAddress) -> Int {
        tenants.withLock { $0.number(of: address) }
    }
}
