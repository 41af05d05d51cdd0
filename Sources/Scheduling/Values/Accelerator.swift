/// A GPU of an upstream's machine, as its agent describes it. What it doesn't say is nil.
public struct Accelerator: Hashable, Sendable {
    /// The same whichever agent reports it.
    public var id: String
    /// The machine's.
    public var host: String
    public var name: String
    /// In bytes.
    public var memoryUsed: Int?
    /// In bytes.
    public var memoryTotal: Int?
    /// 0...1.
    public var utilization: Double?
    public var celsius: Double?

    public init(
        id: String,
        host: String,
        name: String,
        memoryUsed: Int? = nil,
        memoryTotal: Int? = nil,
        utilization: Double? = nil,
        celsius: Double? = nil
    ) {
        self.id = id
        self.host = host
        self.name = name
        self.memoryUsed = memoryUsed
        self.memoryTotal = memoryTotal
        self.utilization = utilization
        self.celsius = celsius
    }
}

extension FleetSnapshot {
    /// Each once, however many agents report it, by host: as the one says that was heard last.
    public var accelerators: [Accelerator] {
        var seen: Set<String> = []
        return upstreams.filter { !$0.accelerators.isEmpty }
            .sorted { $0.sinceLastReport < $1.sinceLastReport }
            .flatMap(\.accelerators)
            .filter { seen.insert($0.id).inserted }
            .sorted { ($0.host, $0.id) < ($1.host, $1.id) }
    }
}
