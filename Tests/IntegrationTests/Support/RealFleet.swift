#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Real llama-servers with the tiny model, an agent beside each, and a balancer to which they report.
struct RealFleet: Sendable {
    let servers: [LlamaServerProcess]
    let agents: [ChildProcess]
    let balancer: RunningBalancer

    /// What an agent is called that watches the server of that index.
    static func agentName(_ index: Int) -> String { "agent-\(index)" }

    func upstream(_ index: Int) async throws -> UpstreamView {
        let name = Self.agentName(index)
        guard let upstream = try await balancer.upstream(named: name) else {
            throw HarnessFailure(description: "the balancer knows no \(name)")
        }
        return upstream
    }

    /// Waits until so many upstreams are used, and nothing runs, waits or is counted anywhere.
    func waitUntilAtRest(upstreams count: Int? = nil) async throws {
        let count = count ?? servers.count
        try await eventually(
            "\(count) upstreams at rest",
            within: .seconds(60),
            { try await balancer.upstreams() },
            satisfies: { $0.count == count && $0.allSatisfy(\.isAtRest) }
        )
        try await balancer.waitUntilWaiting(0)
    }

    /// Takes so many slots through the balancer, each until its client is closed.
    func occupySlots(_ count: Int) async throws -> [RawClient] {
        let before = try await leased()
        var clients: [RawClient] = []
        for _ in 0..<count { clients.append(try await Chat.endless.start(port: balancer.port)) }
        try await eventually("leases", equals: before + count, within: .seconds(60)) { try await leased() }
        return clients
    }

    private func leased() async throws -> Int {
        try await balancer.upstreams().reduce(0) { $0 + $1.slotsLeased }
    }
}

/// A fleet for as long as the body runs, which starts when the balancer sees all slots idle.
///
/// When the body throws, the end of each process's log is printed.
///
/// - Parameter ownArguments: of each server, besides those of all.
func withRealFleet<Result>(
    servers count: Int = 2,
    slots: Int = 2,
    serverArguments: [String] = [],
    ownArguments: [[String]] = [],
    balancerArguments: [String] = [],
    agentArguments: [String] = [],
    isolation: isolated (any Actor)? = #isolation,
    _ body: (RealFleet) async throws -> Result
) async throws -> Result {
    var processes: [ChildProcess] = []
    do {
        let balancer = try await Paddler.balancer(balancerArguments)
        processes.append(balancer.process)
        var servers: [LlamaServerProcess] = []
        var agents: [ChildProcess] = []
        for index in 0..<count {
            let own = index < ownArguments.count ? ownArguments[index] : []
            let server = try await LlamaServerProcess.start(
                slots: slots,
                arguments: Chat.needs + serverArguments + own
            )
            processes.append(server.process)
            servers.append(server)
            let agent = try Paddler.agent(
                name: RealFleet.agentName(index),
                watching: server.port,
                reportingTo: [balancer.managementPort],
                arguments: agentArguments
            )
            processes.append(agent)
            agents.append(agent)
        }
        let fleet = RealFleet(servers: servers, agents: agents, balancer: balancer)
        try await fleet.waitUntilAtRest()
        let result = try await body(fleet)
        try await end(processes)
        return result
    } catch {
        try await end(processes)
        for process in processes {
            for line in process.lines.suffix(30) { print("\(process.name) \(process.pid): \(line)") }
        }
        throw error
    }
}

private func end(_ processes: [ChildProcess]) async throws {
    for process in processes { process.signal(SIGKILL) }
    for process in processes { try await process.waitUntilExit() }
}
