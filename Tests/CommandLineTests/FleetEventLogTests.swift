import LlamaServer
import Logging
import Scheduling
import Synchronization
import Testing

@testable import Balancer

@Suite("Lines about the fleet in the balancer's log")
struct FleetEventLogTests {
    private static let address = NetworkAddress(host: "192.0.2.1", port: 8080)

    @Test(
        "a server that joins is one line: a warning with what to do if it isn't ready",
        arguments: [
            (.ready, "info upstream joined condition=ready"),
            (.loading, "info upstream joined condition=loading"),
            (
                .down("connection refused"),
                "warning upstream joined condition=down "
                    + "hint=start llama-server, or correct the agent's --local-llamacpp-addr reason=connection refused"
            ),
            (
                .slotsDisabled,
                "warning upstream joined condition=slots_disabled hint=start llama-server with --slots"
            ),
            (
                .failing("it ended with exit code 1"),
                "warning upstream joined condition=failing hint=correct what the end of its log complains of, and start it "
                    + "again reason=it ended with exit code 1"
            ),
        ] as [(Condition, String)]
    )
    func joined(condition: Condition, line: String) {
        var scheduler = Scheduler(configuration: .init())
        let report = UpstreamReport(
            agent: AgentID(rawValue: "a1"),
            route: UpstreamRoute(address: Self.address),
            condition: condition,
            maximumSilence: .seconds(15)
        )
        let lines = LineRecorder()
        let log = FleetEventLog(logger: lines.logger)
        var written: UInt64 = 0
        for second in 1...3 {
            _ = scheduler.reported(report, at: Instant(nanoseconds: Int64(second) * 1_000_000_000))
            log.write(scheduler.events.filter { $0.number > written })
            written = scheduler.events.last?.number ?? written
        }
        #expect(lines.all == [line])
    }
}

/// A log: level, message, and the values that aren't the same for every line about one server.
private final class LineRecorder: Sendable {
    private let lines = Mutex<[String]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    var all: [String] { lines.withLock { $0 } }

    private struct Handler: LogHandler {
        let recorder: LineRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).filter { !["upstream", "agent"].contains($0.key) }
                .sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let line = (["\(event.level)", "\(event.message)"] + values).joined(separator: " ")
            recorder.lines.withLock { $0.append(line) }
        }
    }
}
