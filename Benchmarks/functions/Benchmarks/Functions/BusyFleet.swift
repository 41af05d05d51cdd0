import LlamaServer
import Scheduling

/// A scheduler half of whose slots are busy.
final class BusyFleet {
    private var scheduler = Scheduler(configuration: Scheduler.Configuration())
    private var leases: [Lease] = []
    private var now: Int64 = 1_000_000_000
    private var requests: UInt64 = 0

    init(upstreams count: Int) {
        let now = Instant(nanoseconds: 0)
        for index in 0..<count {
            let report = UpstreamReport(
                agent: AgentID(rawValue: "agent-\(index)"),
                route: UpstreamRoute(address: NetworkAddress(host: "gpu-\(index).example", port: 8088)),
                condition: .ready,
                slots: SlotSample(total: 8, processing: 0, taken: now...now),
                maximumSilence: .seconds(1_000_000)
            )
            _ = scheduler.reported(report, at: now)
        }
        for _ in 0..<count * 4 { submit() }
    }

    func finishAndSubmit() {
        // Neighbours in time are no neighbours in the fleet.
        let position = Int(requests &* 2_654_435_761 % UInt64(leases.count))
        leases.swapAt(position, leases.count - 1)
        _ = scheduler.finished(leases.removeLast(), .answered, at: tick())
        submit()
    }

    private func submit() {
        requests += 1
        if case .dispatch(let lease) = scheduler.submit(RequestID(rawValue: requests), at: tick()) {
            leases.append(lease)
        }
    }

    private func tick() -> Instant {
        now += 1000
        return Instant(nanoseconds: now)
    }
}
