/// One of several models at one moment: its servers and those who wait for them. A server that goes by several names counts
/// for each.
public struct ModelSnapshot: Equatable, Sendable {
    /// nil: of the servers that don't say what they serve.
    public package(set) var name: String?
    /// The totals over its servers.
    public package(set) var summary: FleetSummary
    /// Requests that wait for a slot of it.
    public package(set) var queued: Int
    /// How long the first of them has waited; nil when none waits.
    public package(set) var oldestWait: Duration?

    /// In the order of their names, the one without a name last.
    static func precedes(_ one: ModelSnapshot, _ other: ModelSnapshot) -> Bool {
        guard let name = one.name, let otherName = other.name else { return one.name != nil && other.name == nil }
        return name < otherName
    }
}
