#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Fake llama-servers, an agent beside each, and a balancer to which they report.
struct Fleet: Sendable {
    let servers: [FakeServer]
    let agents: [ChildProcess]
    let balancer: RunningBalancer

    /// A request through the balancer, on a connection of its own, and its answer.
    func exchange(
        _ method: String = "POST",
        _ path: String = "/v1/chat/completions",
        headers: [String: String] = [:],
        body: String? = nil
    ) async throws -> HTTPReply {
        try await RawClient.exchange(method, path, port: balancer.port, headers: headers, body: body)
    }

    /// A connection to the balancer's reverse proxy.
    func connect() throws -> RawClient {
        try RawClient(port: balancer.port)
    }
}

/// A fleet for as long as the body runs, which starts when the balancer sees all slots idle.
///
/// When the body throws, the end of the balancer's log is printed.
func withFleet<Result>(
    servers: Int = 2,
    slots: Int = 2,
    models: [String] = [],
    serverArguments: [String] = [],
    balancerArguments: [String] = [],
    agentArguments: [String] = [],
    speaksTLS: Bool = false,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Fleet) async throws -> Result
) async throws -> Result {
    var processes: [ChildProcess] = []
    var log: ChildProcess?
    do {
        let balancer = try await Paddler.balancer(balancerArguments)
        log = balancer.process
        processes.append(balancer.process)
        var fakes: [FakeServer] = []
        var agents: [ChildProcess] = []
        for number in 0..<servers {
            let fake = try await FakeServer.start(
                slots: slots,
                arguments: ["--name", "fake-\(number)"] + serverArguments
                    + (models.isEmpty ? [] : ["--model", models[number % models.count]])
            )
            processes.append(fake.process)
            fakes.append(fake)
            let agent = try Paddler.agent(
                name: "agent-\(number)",
                watching: fake.port,
                reportingTo: [balancer.managementPort],
                arguments: agentArguments
            )
            processes.append(agent)
            agents.append(agent)
        }
        // Whoever asks over TLS waits in the queue.
        if !speaksTLS { try await balancer.waitForIdleSlots(servers * slots) }
        let result = try await body(Fleet(servers: fakes, agents: agents, balancer: balancer))
        try await end(processes)
        return result
    } catch {
        try await end(processes)
        for line in log?.lines.suffix(50) ?? [] { print("balancer:", line) }
        throw error
    }
}

private func end(_ processes: [ChildProcess]) async throws {
    for process in processes { process.signal(SIGKILL) }
    for process in processes { try await process.waitUntilExit() }
}
