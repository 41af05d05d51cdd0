import LlamaServer
import Scheduling

/// The product's scheduler.
struct SchedulerBalancing: Balancing {
    private var scheduler: Scheduler
    private let balance: Balance
    private var servers: [NetworkAddress: Int] = [:]
    /// Of each server, without a sample of its slots.
    private var reports: [UpstreamReport] = []
    private var leases: [Int: Lease] = [:]
    private var now = Instant(nanoseconds: 1_000_000_000)

    init(_ balance: Balance, machines: [Machine], tellsLeases: Bool = false, tellsPrompts: Bool = false) {
        self.balance = balance
        var configuration = Scheduler.Configuration()
        configuration.balance = balance
        configuration.maximumQueued = 10_000_000
        configuration.queueTimeout = .seconds(1_000_000)
        scheduler = Scheduler(configuration: configuration)
        for (number, machine) in machines.enumerated() {
            let address = NetworkAddress(host: "gpu-\(number).example", port: 8080)
            servers[address] = number
            var report = UpstreamReport(
                agent: Self.agent(of: number),
                route: UpstreamRoute(address: address),
                condition: .ready,
                slots: SlotSample(total: machine.slots, processing: 0, taken: now...now),
                sharesLeases: tellsLeases,
                sharesPrompts: tellsPrompts,
                maximumSilence: .seconds(1_000_000)
            )
            _ = scheduler.reported(report, at: now)
            report.slots = nil
            reports.append(report)
        }
    }

    mutating func arrived(_ request: SimulatedRequest, _: [CachingServer], at time: Double) -> Sent {
        advance(to: time)
        var demand = RequestDemand(model: "m")
        if balance == .session {
            let name = Array("session-\(request.conversation)".utf8)
            let bytes = request.prompt.tokens * Prompt.bytesOfToken
            demand.trail = SessionKey(name.span, seed: 7).map { PromptTrail($0, model: "m", bodyBytes: bytes) }
            demand.isOfSession = true
        } else if balance.followsPrompts {
            demand.trail = request.prompt.trail
        }
        switch scheduler.submit(RequestID(rawValue: UInt64(request.number)), for: demand, at: now) {
        case .dispatch(let lease): return [begin(lease)]
        case .queued: return []
        case .reject: preconditionFailure("nobody is refused here")
        }
    }

    mutating func ended(_ request: SimulatedRequest, _: [CachingServer], at time: Double) -> Sent {
        advance(to: time)
        guard let lease = leases.removeValue(forKey: request.number) else { return [] }
        let use = ReportedUsage(
            promptComputed: request.prompt.tokens - request.found,
            promptCached: request.found,
            generated: request.generated,
            promptMilliseconds: Int((request.firstToken - request.sent) * 1000)
        )
        return carryOut(scheduler.finished(lease, .answered, use: use, at: now))
    }

    /// The product's ticks are 20 ms apart.
    var nextDue: Double? {
        scheduler.nextTick.map { max(Double($0.nanoseconds), Double(now.nanoseconds) + 20e6) / 1e9 - 1 }
    }

    mutating func passed(_: [CachingServer], at time: Double) -> Sent {
        advance(to: time)
        return carryOut(scheduler.tick(at: now))
    }

    private mutating func advance(to time: Double) {
        now = max(now, Instant(nanoseconds: Int64((time + 1) * 1e9)))
    }

    private mutating func carryOut(_ decisions: Decisions) -> Sent {
        decisions.compactMap { decision in
            guard case .dispatch(let lease) = decision else { return nil }
            return begin(lease)
        }
    }

    private mutating func begin(_ lease: Lease) -> (Int, Int) {
        let number = Int(lease.request.rawValue)
        leases[number] = lease
        return (number, servers[lease.address] ?? 0)
    }

    // MARK: - Other balancers

    private static func agent(of server: Int) -> AgentID { AgentID(rawValue: "gpu-\(server)") }

    func leases(of server: Int) -> Int { scheduler.leases(of: Self.agent(of: server)) }

    /// Servers at which it has another number of leases than it had.
    mutating func takeLeaseNews() -> [Int] {
        scheduler.takeLeaseNews().compactMap { Int($0.rawValue.dropFirst("gpu-".count)) }
    }

    mutating func takePromptNews() -> [(agent: AgentID, news: PromptNews)] {
        scheduler.takePromptNews()
    }

    mutating func heard(_ news: PromptNews, of agent: AgentID) {
        scheduler.heard(news, of: agent)
    }

    /// - Parameter leases: of all others.
    mutating func others(have leases: Int, of server: Int, at time: Double) -> Sent {
        advance(to: time)
        reports[server].others = leases
        return carryOut(scheduler.reported(reports[server], at: now))
    }
}
