/// The classes in which requests are served, those of a lower rank first.
public struct TenantClasses: Equatable, Sendable {
    /// In their order: the place of each is its rank.
    public let names: [String]

    /// The class of whoever names none; it is always among them.
    public static let usual = "default"

    /// The rank of ``usual`` in ``standard``: what all requests have where there are no tenants.
    public static let standardRank: UInt8 = 1

    public static let standard = TenantClasses(names: ["interactive", usual, "batch"])

    /// More tell nothing apart that anybody could want.
    public static let most = 16

    /// - Parameter names: different ones, with ``usual`` among them, ``most`` at most.
    init(names: [String]) {
        self.names = names
    }

    /// - Returns: nil if there is no such class.
    public func rank(of name: String) -> UInt8? {
        names.firstIndex(of: name).map { UInt8(clamping: $0) }
    }

    /// Of whoever names none.
    public var usualRank: UInt8 { rank(of: Self.usual) ?? 0 }

    /// - Parameter rank: of one of these.
    public func name(of rank: UInt8) -> String {
        names.indices.contains(Int(rank)) ? names[Int(rank)] : Self.usual
    }
}
