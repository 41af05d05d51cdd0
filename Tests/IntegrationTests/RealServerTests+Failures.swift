import LoopbackPorts
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension RealServerTests {
    @Test(
        "a killed server cuts the answers that have begun, and nothing else; started again, it is used again",
        .withEachAgentProgram
    )
    func killed() async throws {
        let port = try ReservedPort()
        try await withRealFleet(servers: 1, serverArguments: ["--port", "\(port.port)"]) { fleet in
            let balancer = fleet.balancer
            let cut = try await Chat.endlessStream.start(port: balancer.port)
            // From then on it answers nothing, so that what is sent to it is not answered by a byte.
            #expect(try await cut.nextEvent(thenSignal: SIGSTOP, to: fleet.servers[0].process) != nil)
            let unanswered = try await Chat.short.start(port: balancer.port)
            // Unless its agent was quicker, it is sent.
            try await eventually("a request that is sent or waits") {
                try await fleet.upstream(0).slotsLeased + balancer.waiting() == 2
            }

            try await withSecondServer(of: fleet) { other in
                let unharmed = try await EndlessStream(port: balancer.port)
                try await fleet.servers[0].process.kill()

                let reply = try await cut.reply(within: .seconds(60))
                #expect(reply.status == 200)
                #expect(!reply.endedCleanly)
                #expect(reply.lastEventFailure?.code == 502)
                #expect(reply.lastEventFailure?.message.contains("broke off this answer") == true)
                // What was sent may have been executed and have ended the server: it goes nowhere else.
                #expect([200, 502].contains(try await unanswered.reply(within: .seconds(60)).status))
                try await unharmed.waitForMore()
                try await eventually("condition", equals: "down") { try await fleet.upstream(0).condition }

                let again = try await LlamaServerProcess.start(arguments: Chat.needs + ["--port", "\(port.port)"])
                try await eventually("idle slots of the new one", equals: 2) { try await fleet.upstream(0).slotsIdle }
                let holders = try await fleet.occupySlots(2)
                #expect(try await fleet.upstream(0).slotsLeased > 0)
                try await unharmed.waitForMore()

                for client in holders { await client.close() }
                await unharmed.leave()
                try await fleet.waitUntilAtRest(upstreams: 2)
                #expect(try await other.busySlots() == 0)
                try await again.process.kill()
            }
        }
    }

    /// Another server and its agent, for as long as the body runs.
    private func withSecondServer(of fleet: RealFleet, _ body: (LlamaServerProcess) async throws -> Void) async throws {
        try await withLlamaServers(arguments: Chat.needs) { others in
            let agent = try Paddler.agent(
                name: RealFleet.agentName(1),
                watching: others[0].port,
                reportingTo: [fleet.balancer.managementPort]
            )
            try await eventually("slots of the second", equals: 2) { try await fleet.upstream(1).slotsTotal }
            try await body(others[0])
            try await agent.kill()
        }
    }

    @Test("a server that hangs is left alone until it goes on", .withEachAgentProgram)
    func hung() async throws {
        try await withRealFleet { fleet in
            fleet.servers[0].process.signal(SIGSTOP)
            let hung = try await eventually(
                "upstream of a server that hangs",
                { try await fleet.upstream(0) },
                satisfies: { $0.condition == "unresponsive" && $0.state == "not_ready" }
            )
            #expect(hung.slotsIdle == 0)
            #expect(hung.hint == "see whether llama-server hangs or its machine is overloaded")
            for _ in 0..<4 { #expect(try await Chat.short.exchange(port: fleet.balancer.port).status == 200) }

            fleet.servers[0].process.signal(SIGCONT)
            try await fleet.waitUntilAtRest()
            let holders = try await fleet.occupySlots(3)
            #expect(try await fleet.upstream(0).slotsLeased > 0)
            for client in holders { await client.close() }
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("a server that comes back with more slots gets more requests", .withEachAgentProgram)
    func otherSlotCount() async throws {
        let port = try ReservedPort()
        try await withRealFleet(servers: 1, slots: 1, serverArguments: ["--port", "\(port.port)"]) { fleet in
            try await fleet.servers[0].process.kill()
            try await eventually("condition", equals: "down") { try await fleet.upstream(0).condition }
            let again = try await LlamaServerProcess.start(
                slots: 3,
                arguments: Chat.needs + ["--port", "\(port.port)"]
            )
            try await eventually("idle slots", equals: 3) { try await fleet.upstream(0).slotsIdle }
            var clients = try await fleet.occupySlots(3)
            clients.append(try await Chat.short.start(port: fleet.balancer.port))
            try await fleet.balancer.waitUntilWaiting(1)
            try await eventually("busy slots of the server", equals: 3) { try await again.busySlots() }
            for client in clients { await client.close() }
            try await fleet.waitUntilAtRest()
            try await again.process.kill()
        }
    }
}

extension RawClient {
    /// - Returns: the next event, after which the signal was sent at once: on this connection's own thread, so that not
    ///   much more can have come meanwhile, however busy the other threads are. More than the sockets on its way hold,
    ///   and a server would stop in the middle of an event.
    fileprivate func nextEvent(thenSignal signal: Int32, to process: ChildProcess) throws -> String? {
        defer { process.signal(signal) }
        return try nextEvent(within: .seconds(60))
    }
}
