import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// With llama-servers as people run them. The tests are in the extensions, one after the other, since each has processes
/// that take all of a core.
@Suite("Real llama-servers", .serialized, .enabled(if: LlamaServerProcess.isAvailable))
struct RealServerTests {}

// MARK: - Clients as people use them

extension RealServerTests {
    @Test(
        "OpenAI's client gets through a balancer what it gets from the server, byte for byte",
        .enabled(if: ClientScript.isAvailable)
    )
    func openAIClient() async throws {
        try await withRealFleet { fleet in
            try await ClientScript.run(
                "openai_client.py",
                ["http://127.0.0.1:\(fleet.balancer.port)", "http://127.0.0.1:\(fleet.servers[0].port)", "chat"]
            )
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("OpenAI's client gets embeddings", .enabled(if: ClientScript.isAvailable))
    func embeddings() async throws {
        try await withRealFleet(serverArguments: ["--embeddings", "--pooling", "mean"]) { fleet in
            try await ClientScript.run(
                "openai_client.py",
                ["http://127.0.0.1:\(fleet.balancer.port)", "http://127.0.0.1:\(fleet.servers[0].port)", "embeddings"]
            )
            try await fleet.waitUntilAtRest()
        }
    }

    @Test(
        "of 200 clients at once, who stays gets a whole answer, and no request waits inside a server",
        .enabled(if: ClientScript.isAvailable),
        arguments: [1]
    )
    func crowd(seed: Int) async throws {
        try await withRealFleet(serverArguments: ["--metrics"]) { fleet in
            let balancer = fleet.balancer
            try await ClientScript.run(
                "crowd.py",
                ["http://127.0.0.1:\(balancer.port)", "http://127.0.0.1:\(balancer.managementPort)", "200", "\(seed)"]
                    + fleet.servers.map { "http://127.0.0.1:\($0.port)" }
            )
            try await fleet.waitUntilAtRest()
        }
    }
}

// MARK: - Clients that leave

extension RealServerTests {
    @Test("a client that leaves a running answer frees its slot", arguments: [true, false], [true, false])
    func leavesRunning(streams: Bool, byReset: Bool) async throws {
        try await withRealFleet(servers: 1) { fleet in
            let client = try await (streams ? Chat.endlessStream : .endless).start(port: fleet.balancer.port)
            try await eventually("busy slots of the server", equals: 1) { try await fleet.servers[0].busySlots() }
            #expect(try await fleet.upstream(0).slotsLeased == 1)
            if byReset { await client.abort() } else { await client.close() }
            try await fleet.waitUntilAtRest()
            // The balancer has not only forgotten it.
            #expect(try await fleet.servers[0].busySlots() == 0)
        }
    }

    @Test("a client that leaves the queue is never heard of by a server")
    func leavesQueue() async throws {
        try await withRealFleet(servers: 1, slots: 1) { fleet in
            let running = try await fleet.occupySlots(1)
            let leaving = try await Chat.short.start(port: fleet.balancer.port)
            try await fleet.balancer.waitUntilWaiting(1)
            let staying = try await Chat.short.start(port: fleet.balancer.port)
            try await fleet.balancer.waitUntilWaiting(2)
            await leaving.close()
            try await fleet.balancer.waitUntilWaiting(1)
            for client in running { await client.close() }
            #expect(try await staying.reply(within: .seconds(60)).status == 200)
            try await fleet.waitUntilAtRest()
            // With its end all of its log is there.
            let server = fleet.servers[0]
            try await eventually("requests in a slot") { server.launches >= 2 }
            server.process.signal(SIGTERM)
            try await server.process.waitUntilExit()
            #expect(server.launches == 2)
        }
    }
}

// MARK: - Clients of others

extension RealServerTests {
    @Test("slots that others use directly are left to them", .withEachAgentProgram)
    func foreignClients() async throws {
        try await withRealFleet(serverArguments: ["--metrics"], agentArguments: ["--monitoring-interval", "1s"]) {
            fleet in
            let theirs = [
                try await EndlessStream(port: fleet.servers[0].port),
                try await EndlessStream(port: fleet.servers[0].port),
            ]
            try await eventually("foreign slots", equals: 2) { try await fleet.upstream(0).slotsForeign }

            var ours = try await fleet.occupySlots(2)
            #expect(try await fleet.upstream(1).slotsLeased == 2)
            ours.append(try await Chat.endless.start(port: fleet.balancer.port))
            try await fleet.balancer.waitUntilWaiting(1)
            let metrics = try await RawClient.exchange("GET", "/metrics", port: fleet.servers[0].port)
            #expect(metrics.text.contains("llamacpp:requests_deferred 0\n"))

            for stream in theirs { await stream.leave() }
            try await eventually("leases on what others have left", equals: 1) {
                try await fleet.upstream(0).slotsLeased
            }
            try await eventually("foreign slots", equals: 0) { try await fleet.upstream(0).slotsForeign }
            for client in ours { await client.close() }
            try await fleet.waitUntilAtRest()
        }
    }
}
