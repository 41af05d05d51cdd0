/// Gives each name of a tenant a number, which it keeps as long as the process lives, whether the tenant goes and comes
/// back or not: what is counted by number is never somebody else's.
struct TenantNumbers: Sendable {
    /// ``Tenant/usualName`` has this one.
    static let usual = 0
    /// Names in the life of one process.
    static let most = 1 << 20

    private var numbers = [Tenant.usualName: usual]

    /// - Returns: nil if there have been too many names.
    mutating func number(of name: String) -> Int? {
        if let number = numbers[name] { return number }
        guard numbers.count < Self.most else { return nil }
        let number = numbers.count
        numbers[name] = number
        return number
    }
}
