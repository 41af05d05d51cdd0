/// Whose a request is, and how urgent it says that it is.
public struct Asker: Sendable {
    /// nil: nobody's in particular.
    public let tenant: Tenant?
    public let classes: TenantClasses
    /// As in `X-Paddler-Class`; nil: the request doesn't say.
    public let requestedClass: String?

    public init(tenant: Tenant? = nil, classes: TenantClasses = .standard, requestedClass: String? = nil) {
        self.tenant = tenant
        self.classes = classes
        self.requestedClass = requestedClass
    }

    /// The rank of the class that it has without asking.
    public var ownRank: UInt8 { tenant?.rank ?? TenantClasses.standardRank }

    /// The rank of the class in which it is served: the one that it names, if that is not in front of its own.
    public var rank: UInt8 { max(requestedClass.flatMap(classes.rank) ?? ownRank, ownRank) }
}
