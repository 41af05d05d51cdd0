import LlamaServer
import Scheduling

/// Reports as the scheduler gets them.
enum Reports {
    static func ready(
        _ id: String,
        port: Int,
        condition: Condition = .ready,
        total: Int = 4,
        processing: Int = 0,
        models: [String] = ["m"],
        maximumSilence: Duration = .seconds(7),
        at now: Instant
    ) -> UpstreamReport {
        UpstreamReport(
            agent: AgentID(rawValue: id),
            name: "name of \(id)",
            route: UpstreamRoute(address: NetworkAddress(host: "127.0.0.1", port: port)),
            condition: condition,
            slots: SlotSample(total: total, processing: processing, taken: now...now),
            models: models,
            contextSize: 4096,
            build: "b1",
            maximumSilence: maximumSilence
        )
    }
}
