import LlamaServer
import Scheduling

/// A scheduler in a steady state, to be driven: so many upstreams of 8 slots each, and so many requests that wait for one;
/// when none is to wait, half of the slots are idle.
struct SchedulerLoad {
    private static let slots = 8

    private var scheduler: Scheduler
    private let agents: [AgentID]
    private let upstreams: [UpstreamRoute]
    /// Who asks, in turn; none: nobody in particular.
    private let tenants: [TenantTerms]
    private var leases: [Lease] = []
    private var tickets: [QueueTicket] = []
    private var lastRequest: UInt64 = 0
    private var lastNewcomer = 0
    private var now = Instant(nanoseconds: 1_000_000_000)
    /// Neighbours in time are no neighbours in the fleet.
    private var random: UInt64 = 1

    init(upstreams count: Int, waiting: Int, tenants tenantCount: Int = 0) {
        var configuration = Scheduler.Configuration()
        configuration.maximumQueued = waiting + 1
        // Room for one that comes and goes.
        configuration.maximumUpstreams = count + 1
        configuration.queueTimeout = .seconds(1_000_000)
        scheduler = Scheduler(configuration: configuration)
        agents = (0..<count).map { AgentID(rawValue: "agent-\($0)") }
        upstreams = (0..<count).map { UpstreamRoute(address: NetworkAddress(host: "gpu-\($0).example", port: 8088)) }
        tenants = (0..<tenantCount).map { TenantTerms(tenant: TenantID(number: UInt32($0)), weight: $0 % 3 + 1) }
        for index in 0..<count { report(on: index) }
        let slots = count * Self.slots
        for _ in 0..<(waiting > 0 ? slots : slots / 2) { submit() }
        for _ in 0..<waiting { submit() }
    }

    /// A request ends, one that waits gets its slot if there is one, and another comes.
    mutating func finishAndSubmit(_ count: Int) {
        for _ in 0..<count {
            let position = pick(leases.count)
            let lease = leases[position]
            leases[position] = leases[leases.count - 1]
            leases.removeLast()
            for decision in scheduler.finished(lease, .answered, at: tick()) {
                if case .dispatch(let next) = decision { leases.append(next) }
            }
            submit()
        }
    }

    mutating func report(_ count: Int) {
        for _ in 0..<count { report(on: pick(agents.count)) }
    }

    mutating func reportAll() {
        for index in agents.indices { report(on: index) }
    }

    /// A server registers that nobody has known, and leaves.
    mutating func comeAndGo(_ count: Int) {
        for _ in 0..<count {
            lastNewcomer += 1
            let agent = AgentID(rawValue: "newcomer-\(lastNewcomer)")
            let address = NetworkAddress(host: "newcomer-\(lastNewcomer).example", port: 8088)
            report(by: agent, on: UpstreamRoute(address: address))
            _ = scheduler.agentLeft(agent, at: tick())
        }
    }

    func snapshot() -> FleetSnapshot { scheduler.snapshot(at: now) }

    /// - Returns: how many upstreams are still to be copied.
    mutating func takeChanges() -> Int { scheduler.takeChanges(at: now).left }

    /// A client that waits leaves, and another comes.
    mutating func cancelAndSubmit(_ count: Int) {
        for _ in 0..<count {
            // Some have got their slot since: these are passed over.
            while !tickets.isEmpty {
                let position = pick(tickets.count)
                let ticket = tickets[position]
                tickets[position] = tickets[tickets.count - 1]
                tickets.removeLast()
                if scheduler.cancel(ticket, at: tick()).wasThere { break }
            }
            submit()
        }
    }

    private mutating func submit() {
        lastRequest += 1
        var demand = RequestDemand()
        if !tenants.isEmpty { demand.terms = tenants[pick(tenants.count)] }
        switch scheduler.submit(RequestID(rawValue: lastRequest), for: demand, at: tick()) {
        case .dispatch(let lease): leases.append(lease)
        case .queued(let ticket): tickets.append(ticket)
        case .reject: break
        }
    }

    private mutating func report(on index: Int) {
        report(by: agents[index], on: upstreams[index])
    }

    private mutating func report(by agent: AgentID, on upstream: UpstreamRoute) {
        let now = tick()
        let report = UpstreamReport(
            agent: agent,
            route: upstream,
            condition: .ready,
            slots: SlotSample(total: Self.slots, processing: 0, taken: now...now),
            maximumSilence: .seconds(1_000_000)
        )
        for decision in scheduler.reported(report, at: now) {
            if case .dispatch(let lease) = decision { leases.append(lease) }
        }
    }

    private mutating func tick() -> Instant {
        now = now + .nanoseconds(1000)
        return now
    }

    /// - Returns: one of so many, by xorshift64.
    private mutating func pick(_ count: Int) -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Int(random % UInt64(count))
    }
}
