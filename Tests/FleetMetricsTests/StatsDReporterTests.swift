import LlamaServer
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import FleetMetrics

@Suite("Reports over UDP", .timeLimit(.minutes(1)))
struct StatsDReporterTests {
    private let log = RecordingLog()

    @Test("the first report goes out at once, in datagrams of whole lines")
    func atOnce() async throws {
        let listener = try await StatsDListener()
        try await withReporter(to: listener.address, every: .seconds(3600)) {
            #expect(await listener.waitForLine("paddler.slots_processing:3|g"))
        }
        #expect(log.all.isEmpty)
    }

    @Test("a server that isn't there is logged once, and told everything when it comes")
    func refused() async throws {
        let before = try await StatsDListener()
        try await before.close()
        try await withReporter(to: before.address, every: .milliseconds(20)) {
            let lost = await log.next()
            #expect(
                lost == """
                    StatsD server not reached; trying again with every report | \(before.address) \
                    | nothing listens on this UDP port
                    """
            )
            let after = try await StatsDListener(port: before.address.port)
            #expect(await after.waitForLine("paddler.requests_submitted:4|c"))
            #expect(await log.next() == "StatsD server reached again | \(before.address)")
        }
        #expect(log.all.count == 2)
    }

    @Test("a name that can't be resolved is logged once")
    func unknownName() async throws {
        // RFC 1035 2.3.4: no label is so long, so no name server is asked.
        let address = NetworkAddress(host: String(repeating: "x", count: 64), port: 8125)
        let reports = Mutex(0)
        let (several, continuation) = AsyncStream.makeStream(of: Void.self)
        try await withReporter(to: address, every: .milliseconds(10)) {
            reports.withLock { $0 += 1 }
            if reports.withLock({ $0 }) == 5 { continuation.finish() }
            return SampleFleet.reading()
        } during: {
            for await _ in several {}
        }
        #expect(log.all.count == 1)
        #expect(log.all.first?.hasSuffix("the name cannot be resolved") == true)
    }

    @Test("what was counted last is reported before the balancer ends")
    func lastReport() async throws {
        let listener = try await StatsDListener()
        let isStopping = Mutex(false)
        let reporter = reporter(to: listener.address, every: .seconds(3600)) {
            isStopping.withLock { $0 } ? SampleFleet.reading() : SampleFleet.empty()
        }
        let group = ServiceGroup(services: [reporter], logger: log.logger)
        async let running: Void = group.run()
        #expect(await listener.waitForLine("paddler.slots_processing:0|g"))
        isStopping.withLock { $0 = true }
        await group.triggerGracefulShutdown()
        #expect(await listener.waitForLine("paddler.requests_submitted:4|c"))
        try await running
    }

    // MARK: - Running one

    private func reporter(
        to address: NetworkAddress,
        every interval: Duration,
        reading: @escaping @Sendable () async -> MetricsReading
    ) -> StatsDReporter {
        var configuration = StatsDConfiguration(address: address)
        configuration.interval = interval
        return StatsDReporter(
            configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: log.logger,
            reading: reading
        )
    }

    /// A reporter for as long as the body runs.
    private func withReporter(
        to address: NetworkAddress,
        every interval: Duration,
        reading: @escaping @Sendable () async -> MetricsReading = { SampleFleet.reading() },
        during body: () async throws -> Void
    ) async throws {
        let reporter = reporter(to: address, every: interval, reading: reading)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reporter.run() }
            try await body()
            group.cancelAll()
        }
    }
}
