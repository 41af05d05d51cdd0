import Testing

@testable import FakeLlamaServer

/// The dashboard in a browser, against fleets in every state that an operator meets.
@Suite("The dashboard in a browser", .serialized, .enabled(if: ClientScript.hasBrowser))
struct DashboardPageTests {
    private static let enabled = ["--management-dashboard-enable"]

    private func look(_ balancer: RunningBalancer, _ state: String) async throws {
        try await ClientScript.run("dashboard_client.py", ["http://127.0.0.1:\(balancer.managementPort)", state])
    }

    @Test("without servers it says what to run")
    func empty() async throws {
        let balancer = try await Paddler.balancer(Self.enabled)
        try await look(balancer, "empty")
        try await balancer.process.kill()
    }

    @Test("a healthy fleet, tried from the page")
    func healthy() async throws {
        try await withFleet(balancerArguments: Self.enabled) { try await look($0.balancer, "healthy") }
    }

    @Test("a fleet that is too large to be listed: the filter finds the others, which are drained like any")
    func large() async throws {
        let balancer = try await Paddler.balancer(Self.enabled)
        let crowd = try ChildProcess(
            BuiltProducts.executable("measure-agents"),
            ["--agents", "520", "--one-address", "--management", "127.0.0.1:\(balancer.managementPort)"]
        )
        try await look(balancer, "large")
        try await crowd.kill()
        try await balancer.process.kill()
    }

    @Test("a full fleet with a queue")
    func full() async throws {
        try await withFleet(servers: 1, slots: 1, balancerArguments: Self.enabled) { fleet in
            let holders = try await fleet.balancer.occupySlots(1)
            let waiting = try fleet.connect()
            try await waiting.send(RawClient.request("POST", "/v1/chat/completions", body: "{}"))
            try await fleet.balancer.waitUntilWaiting(1)
            try await look(fleet.balancer, "full")
            for client in holders + [waiting] { await client.close() }
        }
    }

    @Test("two models: one is full, the other lost its only server, and requests wait for both")
    func models() async throws {
        let models = ["alpha", "beta", "alpha"]
        try await withFleet(servers: 3, slots: 2, models: models, balancerArguments: Self.enabled) { fleet in
            try await look(fleet.balancer, "models")
            let holders = try await fleet.balancer.occupySlots(4, of: "alpha")
            try await fleet.agents[1].kill()
            var waiting: [RawClient] = []
            for model in ["alpha", "beta"] {
                let client = try fleet.connect()
                try await client.send(
                    RawClient.request("POST", "/v1/chat/completions", body: #"{"model":"\#(model)"}"#)
                )
                waiting.append(client)
            }
            try await fleet.balancer.waitUntilWaiting(2)
            try await look(fleet.balancer, "models_in_trouble")
            for client in holders + waiting { await client.close() }
        }
    }

    @Test("a request from the page that is stopped while it waits")
    func stopped() async throws {
        try await withFleet(servers: 1, slots: 1, balancerArguments: Self.enabled) { fleet in
            let holders = try await fleet.balancer.occupySlots(1)
            try await look(fleet.balancer, "stopped")
            for client in holders { await client.close() }
        }
    }

    @Test("a fleet whose clients need a key")
    func keys() async throws {
        try await withFleet(balancerArguments: Self.enabled + ["--api-key", "right"]) { fleet in
            try await look(fleet.balancer, "keys")
        }
    }

    @Test("a management token is asked for")
    func login() async throws {
        let balancer = try await Paddler.balancer(Self.enabled + ["--management-token", "right"])
        try await look(balancer, "login")
        try await balancer.process.kill()
    }

    @Test("a server that is down")
    func down() async throws {
        try await withFleet(balancerArguments: Self.enabled) { fleet in
            try await fleet.servers[1].process.kill()
            try await look(fleet.balancer, "down")
        }
    }

    @Test(
        "a server that can't be used",
        .enabled(if: LlamaServerProcess.isAvailable),
        arguments: [
            ("unauthorized", "guarded", ["--api-key", "right-key"]), ("slots_disabled", "blind", ["--no-slots"]),
        ]
    )
    func unusable(state: String, name: String, arguments: [String]) async throws {
        try await withLlamaServers(arguments: arguments) { servers in
            let balancer = try await Paddler.balancer(Self.enabled)
            let agent = try Paddler.agent(
                name: name,
                watching: servers[0].port,
                reportingTo: [balancer.managementPort]
            )
            try await look(balancer, state)
            for process in [agent, balancer.process] { try await process.kill() }
        }
    }

    @Test("draining and undraining by the button")
    func draining() async throws {
        try await withFleet(balancerArguments: Self.enabled) { try await look($0.balancer, "draining") }
    }

    @Test("the log of a server that its agent runs", .enabled(if: LlamaServerProcess.isAvailable))
    func log() async throws {
        try await withServedModel(["--name", "tiny"]) { served in try await look(served.balancer, "log") }
    }

    @Test("a balancer that is restarted under the page")
    func restarted() async throws {
        let first = try await Paddler.balancer(Self.enabled)
        let port = "\(first.managementPort)"
        let page = try ClientScript.start("dashboard_client.py", ["http://127.0.0.1:\(port)", "restarted"])
        _ = try await page.waitForLine(containing: "watching", within: .seconds(60))
        try await first.process.kill()
        _ = try await page.waitForLine(containing: "lost", within: .seconds(60))
        let second = try await Paddler.balancer(Self.enabled + ["--management-port", port])
        try await ClientScript.expectSuccess(of: page, "dashboard_client.py")
        try await second.process.kill()
    }
}
