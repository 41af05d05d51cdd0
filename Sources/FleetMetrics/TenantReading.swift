/// One tenant in a reading.
public struct TenantReading: Sendable {
    /// Empty: nobody in particular.
    public let name: String
    /// That ended.
    public var requests = 0
    /// Those among them that were refused, by reason.
    public var refusals: [String: Int] = [:]
    public var tokens = TokenCounts()
    /// How long its requests had slots.
    public var slotTime: Duration = .zero
    /// How long they waited for some.
    public var waited: Duration = .zero
    /// Slots that they have now.
    public var slots = 0
    /// Those that wait now.
    public var waiting = 0

    static let labelNames = ["tenant"]

    public init(name: String) {
        self.name = name
    }

    var label: String { UpstreamReading.shortened(name) }

    /// In the order of their names. Of names that are alike up to a label's length, the first alone: no series may be there
    /// twice.
    static func sorted(_ tenants: [TenantReading]) -> [TenantReading] {
        var labels: Set<String> = []
        return tenants.sorted { $0.name < $1.name }.filter { labels.insert($0.label).inserted }
    }
}
