import FleetMetrics
import RequestRecords
import ReverseProxy
import TransportSecurity
import Usage

/// Where exporters get what they export.
struct MetricsSource: Sendable {
    let dispatcher: Dispatcher
    let proxy: ReverseProxyServer
    let version: String
    let refusals: ManagementRefusals
    let accessLog: AccessLog?
    let tracedRequests: TracedRequests?

    /// Of listeners that speak TLS.
    let certificates: [Listener: ListenerCertificates]
    let usage: UsageStore
    /// Whether clients are told apart.
    let hasTenants: Bool
    /// Of more upstreams none is told of by itself.
    let maximumUpstreams: Int

    /// What is counted at this moment.
    @Sendable
    func readFleet() async -> FleetReading {
        FleetReading(fleet: dispatcher.snapshot(), proxy: await proxy.metrics())
    }

    /// A reading of this moment.
    @Sendable
    func read() async -> MetricsReading {
        let reading = await readFleet()
        return MetricsReading(
            fleet: reading.fleet,
            proxy: reading.proxy,
            bytesHeld: proxy.bytesHeld,
            version: version,
            refusals: refusals.counts,
            accessLogLost: accessLog?.lost ?? 0,
            traceSpansLost: tracedRequests?.lost ?? 0,
            tenants: hasTenants ? await readTenants() : [],
            certificates: readCertificates(),
            process: .current(),
            maximumUpstreams: maximumUpstreams
        )
    }

    private func readCertificates() -> [CertificateReading] {
        Listener.allCases.flatMap { listener in
            // One that is given twice is told once: two samples with the same labels would spoil all the others.
            let ends = Dictionary(certificates[listener]?.ends ?? [], uniquingKeysWith: min)
            return ends.sorted { $0.key < $1.key }.map { file, end in
                CertificateReading(listener: listener.rawValue, file: file, end: end)
            }
        }
    }

    private func readTenants() async -> [TenantReading] {
        let standings = await proxy.standings().standings
        let totals = usage.totals
        var tenants = totals.byTenant.reduce(into: [String: TenantReading]()) { tenants, total in
            tenants[total.key] = TenantReading(total.key, total.value)
        }
        for (tenant, standing) in standings {
            let name = totals.name(of: tenant)
            tenants[name, default: TenantReading(name: name)].slots += standing.slots
            tenants[name, default: TenantReading(name: name)].waiting += standing.waiting
        }
        return Array(tenants.values)
    }
}

extension TenantReading {
    fileprivate init(_ name: String, _ counts: UsageCounts) {
        self.init(name: name)
        requests = counts.requests
        refusals = counts.refusals
        tokens = TokenCounts(
            promptComputed: counts.tokensComputed,
            promptCached: counts.tokensCached,
            generated: counts.tokensGenerated
        )
        slotTime = .microseconds(counts.slotTime)
        waited = .microseconds(counts.waited)
    }
}
