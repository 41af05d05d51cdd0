/// Who shares the fleet with others: a team, a key, an address. The shell numbers them, each the same for as long as it runs.
public struct TenantID: Hashable, Sendable {
    public let number: UInt32

    public init(number: UInt32) {
        self.number = number
    }
}
