/// Somebody with keys of their own: what they may use, how much of it, and how much that counts beside others.
///
/// It never changes; a file that is read again makes others. A class, so that a request holds on to it by one reference.
public final class Tenant: Sendable {
    /// Small, and the same for this name as long as the process lives.
    public let number: Int
    public let name: String
    /// The rank of its class, 0 for the one that is served first.
    public let rank: UInt8
    /// Its share of slot time beside others of its class, 1 to ``mostWeight``.
    public let weight: Int
    /// How many of its requests may be served at one time, at least 1; nil: any number.
    public let maximumRunning: Int?
    /// How many may wait; nil: as many as may at all.
    public let maximumWaiting: Int?
    public let limits: TenantLimits
    /// nil: all.
    public let models: ModelPatterns?
    /// The last day on which it is let in; nil: there is none.
    public let until: CivilDate?

    public static let mostWeight = 1000

    /// Whoever has one of the keys that belong to nobody in particular.
    public static let usualName = "default"

    public init(
        number: Int,
        name: String,
        rank: UInt8,
        weight: Int = 1,
        maximumRunning: Int? = nil,
        maximumWaiting: Int? = nil,
        limits: TenantLimits = TenantLimits(),
        models: ModelPatterns? = nil,
        until: CivilDate? = nil
    ) {
        self.number = number
        self.name = name
        self.rank = rank
        self.weight = weight
        self.maximumRunning = maximumRunning
        self.maximumWaiting = maximumWaiting
        self.limits = limits
        self.models = models
        self.until = until
    }

    /// - Parameter seconds: since 1970-01-01T00:00:00Z.
    public func isOver(at seconds: Int) -> Bool {
        until.map { CivilDate(secondsSince1970: seconds).daysSince1970 > $0.daysSince1970 } ?? false
    }

    /// - Parameter model: as a request names it.
    public func mayUse(_ model: String) -> Bool {
        models?.allows(model) ?? true
    }

    /// Why this can't be a tenant's name, in words; nil: it can.
    public static func complaint(aboutName name: String) -> String? {
        guard 1...longestName ~= name.utf8.count else { return "a name is empty, or longer than \(longestName) bytes" }
        // Usage tells of several names together as (others).
        if name.hasPrefix("(") { return "a name begins with a parenthesis" }
        if name.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return nil }
        let hasControl = name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return hasControl ? "a name has control characters in it" : nil
    }

    private static let longestName = 128
}
