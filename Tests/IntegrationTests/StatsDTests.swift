import Balancer
import FleetMetrics
import LlamaServer
import Logging
import LoopbackPorts
import Testing

@testable import FakeLlamaServer

/// With a server that isn't ours.
@Suite("A real StatsD server", .serialized, .enabled(if: Collectd.isAvailable))
struct StatsDTests {
    @Test("collectd shows what a balancer reports: Paddler's three gauges, and counters")
    func gauges() async throws {
        try await withCollectd { collectd in
            try await withFakeServer(slots: 2) { server in
                try await withBalancer(reportingTo: collectd.port) { balancer in
                    let agent = try Paddler.agent(
                        name: "a",
                        watching: server.port,
                        reportingTo: [balancer.managementPort]
                    )
                    try await eventually("idle slots in collectd", equals: 2) {
                        collectd.values["gauge-paddler.slots_idle"]
                    }
                    let proxy = balancer.reverseProxyPort
                    var clients: [RawClient] = []
                    for _ in 0..<3 {
                        let client = try RawClient(port: proxy)
                        try await client.send(
                            RawClient.request(
                                "POST",
                                "/v1/chat/completions",
                                headers: ["X-Fake-Fault": FaultKind.hangBeforeHead.rawValue],
                                body: "{}"
                            )
                        )
                        clients.append(client)
                    }
                    try await eventually("slots in use in collectd", equals: 2) {
                        collectd.values["gauge-paddler.slots_processing"]
                    }
                    try await eventually("requests that wait in collectd", equals: 1) {
                        collectd.values["gauge-paddler.requests_buffered"]
                    }
                    try await eventually("requests counted in collectd", equals: 3) {
                        collectd.values["derive-paddler.requests_submitted"]
                    }
                    #expect(collectd.values["gauge-paddler.slots_idle"] == 0)
                    #expect(collectd.complaints == [])
                    for client in clients { await client.close() }
                    try await agent.kill()
                }
            }
        }
    }

    private struct Ports {
        let managementPort: Int
        let reverseProxyPort: Int
    }

    /// A balancer in this process for as long as the body runs.
    private func withBalancer(reportingTo port: Int, _ body: (Ports) async throws -> Void) async throws {
        let management = try ReservedPort()
        let reverseProxy = try ReservedPort()
        var configuration = BalancerConfiguration(version: "9.9.9")
        configuration.management = NetworkAddress(host: "127.0.0.1", port: management.port)
        configuration.reverseProxy = NetworkAddress(host: "127.0.0.1", port: reverseProxy.port)
        configuration.threads = 1
        var statsD = StatsDConfiguration(address: NetworkAddress(host: "127.0.0.1", port: port))
        statsD.interval = .milliseconds(100)
        configuration.statsD = statsD
        let service = BalancerService(
            configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await eventually("health of the balancer", equals: 200) {
                try await RawClient.exchange("GET", "/health", port: reverseProxy.port).status
            }
            try await body(Ports(managementPort: management.port, reverseProxyPort: reverseProxy.port))
            group.cancelAll()
            // It ends by being cancelled, which it says.
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }
}
