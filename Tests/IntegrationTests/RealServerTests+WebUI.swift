import Testing

/// llama-server's own pages, which it serves through the balancer.
extension RealServerTests {
    @Test(
        "llama-server's web UI lists all models, chats with each, and goes on with an answer after a reload",
        .enabled(if: ClientScript.hasBrowser)
    )
    func webUI() async throws {
        let models = ["alpha", "alpha", "beta", "beta"]
        try await withRealFleet(servers: 4, ownArguments: models.map { ["--alias", $0] }) { fleet in
            let url = "http://127.0.0.1:\(fleet.balancer.port)"
            try await ClientScript.run("webui_client.py", [url, "alpha", "beta"])
            // What was stopped in the page has ended.
            try await fleet.waitUntilAtRest()
        }
    }
}
