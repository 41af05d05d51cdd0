import LlamaServer
import Scheduling

@testable import FleetMetrics

/// A reading of two upstreams that have something to tell, and of a third that has a hostile name.
enum SampleFleet {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    static func reading(maximumUpstreams: Int = .max) -> MetricsReading {
        MetricsReading(
            fleet: fleet(),
            proxy: proxy(),
            bytesHeld: 4096,
            version: "9.9.9",
            refusals: [.token: 3, .page: 1],
            tenants: tenants,
            certificates: [
                CertificateReading(listener: "management", file: "/etc/paddler/tls/fullchain.pem", end: 1_800_000_000)
            ],
            process: ProcessReading(
                startTime: 1_700_000_000.25,
                cpuSeconds: 12.5,
                residentBytes: 50_000_000,
                openDescriptors: 42,
                maximumDescriptors: 1024
            ),
            maximumUpstreams: maximumUpstreams
        )
    }

    private static var tenants: [TenantReading] {
        var team = TenantReading(name: "team-a")
        team.requests = 12
        team.refusals = ["tenant_rate": 2, "queue_full": 1]
        team.tokens = TokenCounts(promptComputed: 100, promptCached: 20, generated: 30)
        team.slotTime = .milliseconds(12_500)
        team.waited = .milliseconds(250)
        team.slots = 2
        team.waiting = 1
        return [team, TenantReading(name: "")]
    }

    static func empty() -> MetricsReading {
        MetricsReading(
            fleet: Scheduler(configuration: .init()).snapshot(at: start),
            proxy: ProxyMetrics(),
            bytesHeld: 0,
            version: "9.9.9"
        )
    }

    /// A server with two slots for a model whose name is no plain word, and one that doesn't say what it serves; one request
    /// runs, another waits for what only a lost server has.
    static func severalModels() -> MetricsReading {
        var scheduler = Scheduler(configuration: .init())
        _ = scheduler.reported(report(first, "gpu-1", slots: 2, models: ["qwen2.5:7b"]), at: start)
        _ = scheduler.reported(report(second, "gpu-2", slots: 1), at: start)
        let gone = NetworkAddress(host: "10.0.0.3", port: 1)
        _ = scheduler.reported(report(gone, "gpu-3", slots: 1, models: ["llama"]), at: start)
        _ = scheduler.agentLeft(AgentID(rawValue: "gpu-3"), .connectionEnded, at: start)
        for (number, model) in [(1, "qwen2.5:7b"), (2, "llama")] as [(UInt64, String)] {
            _ = scheduler.submit(RequestID(rawValue: number), for: RequestDemand(model: model), at: start)
        }
        return MetricsReading(
            fleet: scheduler.snapshot(at: start),
            proxy: ProxyMetrics(),
            bytesHeld: 0,
            version: "9.9.9"
        )
    }

    static var snapshot: FleetSnapshot { fleet() }

    /// The labels of an upstream of this agent, those of its information series included.
    static func labels(name: String?, models: [String]) -> [String] {
        var scheduler = Scheduler(configuration: .init())
        var report = report(first, "", models: models)
        report.name = name
        _ = scheduler.reported(report, at: start)
        return scheduler.snapshot(at: start).upstreams.map { upstream in
            let reading = UpstreamReading(upstream, metrics: nil)
            return reading.labels + reading.infoLabels
        }.first ?? []
    }

    // MARK: - Fleet

    private static let first = NetworkAddress(host: "10.0.0.1", port: 8088)
    private static let second = NetworkAddress(host: "fe80::1", port: 8088)

    private static func fleet() -> FleetSnapshot {
        var configuration = Scheduler.Configuration()
        configuration.maximumQueued = 1
        var scheduler = Scheduler(configuration: configuration)
        // In an order that isn't that of the text.
        var reports = [
            report(second, "gpu-2", slots: 1, models: ["b", "a"]),
            report(first, "gpu-1", slots: 2, processing: 1, models: ["a"]),
        ]
        // Of one machine.
        for index in reports.indices { reports[index].accelerators = accelerators }
        for report in reports { _ = scheduler.reported(report, at: start) }
        let hostile = NetworkAddress(host: "10.0.0.3", port: 1)
        _ = scheduler.reported(report(hostile, "say \"hi\\\"\n", condition: .loading), at: start)
        // Two get a slot, one waits, one is refused.
        for request in 1...4 { _ = scheduler.submit(RequestID(rawValue: UInt64(request)), at: start) }
        return scheduler.snapshot(at: start + .milliseconds(1500))
    }

    private static let accelerators = [
        Accelerator(
            id: "GPU-1a2b",
            host: "rack4",
            name: "NVIDIA \"T4\"",
            memoryUsed: 1 << 30,
            memoryTotal: 16 << 30,
            utilization: 0.25,
            celsius: 64
        ),
        Accelerator(id: "rack4/card1", host: "rack4", name: "AMD GPU 0x744c", memoryTotal: 24 << 30),
    ]

    private static func report(
        _ address: NetworkAddress,
        _ name: String,
        slots: Int = 0,
        processing: Int = 0,
        condition: Condition = .ready,
        models: [String] = []
    ) -> UpstreamReport {
        UpstreamReport(
            agent: AgentID(rawValue: name),
            name: name,
            route: UpstreamRoute(address: address),
            condition: condition,
            slots: SlotSample(total: slots, processing: processing, taken: start...start),
            models: models,
            maximumSilence: .seconds(7)
        )
    }

    // MARK: - Data plane

    static func proxy() -> ProxyMetrics {
        var proxy = ProxyMetrics()
        proxy.clientsConnected = 3
        proxy.clientsAccepted = 17
        proxy.bytesFromClients = 1000
        proxy.bytesToClients = 200_000
        proxy.ownAnswers = [200: 5, 429: 1]
        proxy.queueWait.record(nanoseconds: 200_000)
        proxy.queueWait.record(nanoseconds: 3_000_000_000)
        proxy.queueWait.record(nanoseconds: 90_000_000_000)
        proxy.upstreams[first] = upstream(scale: 1)
        proxy.former = upstream(scale: 2)
        return proxy
    }

    private static func upstream(scale: Int) -> UpstreamMetrics {
        var upstream = UpstreamMetrics()
        upstream.answersByClass[2] = 10 * scale
        upstream.answersByClass[4] = scale
        upstream.answersCut = scale
        for _ in 0..<10 * scale {
            upstream.timeToFirstByte.record(nanoseconds: 20_000_000)
            upstream.timeToFirstToken.record(nanoseconds: 40_000_000)
            upstream.answerTime.record(nanoseconds: 2_000_000_000)
        }
        upstream.tokens = TokenCounts(promptComputed: 100 * scale, promptCached: 900 * scale, generated: 50 * scale)
        upstream.bytesSent = 1000 * scale
        upstream.bytesReceived = 2000 * scale
        upstream.connectionsOpened = 2 * scale
        return upstream
    }
}
