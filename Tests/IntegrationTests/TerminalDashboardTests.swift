import Testing

/// `paddler dashboard` as its users see it.
@Suite("The terminal dashboard")
struct TerminalDashboardTests {
    @Test(
        "it shows a fleet, and leaves the terminal as it was, whatever ends it; a pipe gets a table or JSON",
        .enabled(if: ClientScript.isAvailable)
    )
    func onTerminal() async throws {
        try await withFleet(servers: 2) { fleet in
            try await ClientScript.run(
                "dashboard.py",
                [
                    BuiltProducts.executable("paddler"), "\(fleet.balancer.managementPort)", "\(fleet.balancer.port)",
                    "\(fleet.balancer.process.pid)",
                ]
            )
        }
    }
}
