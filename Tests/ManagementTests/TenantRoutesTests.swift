import Foundation
import RequestRecords
import Testing

@testable import Management

@Suite("Who uses the fleet now", .timeLimit(.minutes(1)))
struct TenantRoutesTests {
    @Test("tenants are listed with their slots and with those that wait, whoever has most first")
    func listed() async throws {
        var harness = ManagementHarness()
        harness.tenants = SampleRequests.standings
        try await harness.run { client in
            let reply = try await client.send("GET", "/api/v1/tenants")
            #expect(reply.status == 200)
            #expect(
                reply.body == """
                    {"tenants":[{"longest_wait_seconds":1.5,"slots":2,"tenant":"team-a","waiting":1},\
                    {"longest_wait_seconds":1.5,"slots":0,"tenant":null,"waiting":1}]}
                    """
            )
        }
    }
}
