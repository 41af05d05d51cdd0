import Testing

@testable import FakeLlamaServer

/// An open balancer, and a browser on the same machine that shows somebody else's page.
@Suite("Other sites' pages in a browser", .serialized, .enabled(if: ClientScript.hasBrowser))
struct ForeignPageTests {
    @Test("neither another origin nor a rebound name reads or changes anything, and the dashboard does")
    func foreignPages() async throws {
        try await withFleet(balancerArguments: ["--management-dashboard-enable"]) { fleet in
            try await ClientScript.run("foreign_page.py", ["\(fleet.balancer.managementPort)"])
        }
    }
}
