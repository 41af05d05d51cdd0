import LlamaServer
public import Scheduling

/// Everything that is measured, at one moment: what exporters turn into their formats.
public struct MetricsReading: Sendable {
    public let fleet: FleetSnapshot
    public let proxy: ProxyMetrics
    /// Bytes of request bodies that are held now.
    public let bytesHeld: Int
    /// The program's version.
    public let version: String
    /// What the management listener has refused.
    public let refusals: [ManagementRefusals.Reason: Int]
    /// Lines that are missing in the access log.
    public let accessLogLost: Int
    /// Spans that didn't get to their collector.
    public let traceSpansLost: Int
    /// Those of listeners that speak TLS.
    public let certificates: [CertificateReading]
    /// nil where the system doesn't tell.
    public let process: ProcessReading?
    /// Upstreams that aren't told of one by one, since there are too many: all of them, or none. Then the lists of single ones
    /// below are empty.
    let upstreamsLeftOut: Int
    /// Those that the fleet knows, by address, so that two readings list them in the same order.
    let upstreams: [UpstreamReading]
    /// The labels of those of which nothing is left but that they are lost, in the same order.
    let lost: [(labels: [String], upstream: LostUpstream)]

    /// By host; left out with the upstreams.
    let accelerators: [AcceleratorReading]
    /// By name; none while the fleet serves one.
    let models: [ModelReading]
    /// By name; none where there are no tenants.
    let tenants: [TenantReading]

    /// How many upstreams are told of one by one unless somebody chose otherwise: some 8 kB each.
    public static let usualUpstreams = 1000

    /// - Parameter maximumUpstreams: of more upstreams than this none is told of by itself: a part of them would be mistaken for
    ///   the whole. 0: they never are.
    public init(
        fleet: FleetSnapshot,
        proxy: ProxyMetrics,
        bytesHeld: Int,
        version: String,
        refusals: [ManagementRefusals.Reason: Int] = [:],
        accessLogLost: Int = 0,
        traceSpansLost: Int = 0,
        tenants: [TenantReading] = [],
        certificates: [CertificateReading] = [],
        process: ProcessReading? = nil,
        maximumUpstreams: Int = .max
    ) {
        self.fleet = fleet
        self.proxy = proxy
        self.bytesHeld = bytesHeld
        self.version = version
        self.refusals = refusals
        self.accessLogLost = accessLogLost
        self.traceSpansLost = traceSpansLost
        self.certificates = certificates
        self.process = process
        let count = fleet.upstreams.count + fleet.lost.count
        upstreamsLeftOut = count > maximumUpstreams ? count : 0
        let isTold = upstreamsLeftOut == 0
        upstreams = (isTold ? fleet.upstreams : [])
            .map { UpstreamReading($0, metrics: proxy.upstreams[$0.address]) }
            .sorted { $0.labels[0] < $1.labels[0] }
        lost = (isTold ? fleet.lost : [])
            .map { (UpstreamReading.labels($0.address, $0.name), $0) }
            .sorted { $0.0[0] < $1.0[0] }
        accelerators = isTold ? AcceleratorReading.all(fleet.accelerators) : []
        models = ModelReading.all(fleet.models)
        self.tenants = TenantReading.sorted(tenants)
    }
}
