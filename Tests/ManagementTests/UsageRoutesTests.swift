import AccessControl
import Foundation
import LlamaServer
import RequestRecords
import Scheduling
import Testing
import Usage

@testable import Management

@Suite("The usage that operators see", .timeLimit(.minutes(1)))
struct UsageRoutesTests {
    private struct Reply: Decodable {
        struct Counts: Decodable {
            let requests, refused, tokens_computed, tokens_cached, tokens_generated: Int
            let refusals: [String: Int]
            let slot_seconds, waited_seconds: Double
        }

        struct Row: Decodable {
            let tenant, model, hour, day: String?
            let requests: Int
        }

        let from, to, storage: String
        let by: [String]
        let trouble: String?
        let rows: [Row]
        let total: Counts
    }

    /// Two requests of team-a, and a refused one of nobody's, at the time of the harness's clock.
    private func fill(_ harness: ManagementHarness) {
        var ledger = UsageLedger()
        let now = harness.fleet.wallClock()
        for (tenant, model) in [("team-a", "alpha"), ("team-a", "=1+1"), (nil, nil)] as [(String?, String?)] {
            var record = RequestRecord(.made(0, 0), time: now, arrived: Instant(nanoseconds: 0))
            record.needsSlot = true
            record.tenant = tenant
            record.model = model
            if tenant != nil {
                record.takes(slots: 1, at: Instant(nanoseconds: 500_000_000))
                record.goes(to: UpstreamRoute(address: NetworkAddress(host: "127.0.0.1", port: 1)), named: nil)
                record.usage = ReportedUsage(promptComputed: 3, promptCached: 4, generated: 5)
            }
            record.ends(tenant == nil ? .refused(.noServer) : .answered, at: Instant(nanoseconds: 2_000_000_000))
            ledger.add(record)
        }
        harness.usage.add(ledger.takeAll())
    }

    private func reply(_ query: String, _ client: TestClient) async throws -> Reply {
        let reply = try await client.send("GET", "/api/v1/usage" + query)
        #expect(reply.status == 200 && reply.contentType == "application/json; charset=utf-8")
        return try JSONDecoder().decode(Reply.self, from: Data(reply.body.utf8))
    }

    @Test("by what rows are told apart is a member of each, and the total is that of all")
    func rows() async throws {
        let harness = ManagementHarness()
        fill(harness)
        try await harness.run { client in
            let byTenant = try await reply("", client)
            #expect(byTenant.by == ["tenant"] && byTenant.storage == "memory" && byTenant.trouble == nil)
            #expect(byTenant.rows.map(\.tenant) == ["team-a", nil] && byTenant.rows.map(\.requests) == [2, 1])
            #expect(byTenant.rows.allSatisfy { $0.model == nil && $0.hour == nil && $0.day == nil })
            let total = byTenant.total
            #expect(total.requests == 3 && total.refused == 1 && total.refusals == ["no_server": 1])
            #expect(total.tokens_computed == 6 && total.tokens_cached == 8 && total.tokens_generated == 10)
            #expect(total.slot_seconds == 3 && total.waited_seconds == 0)
            let all = try await reply("?by=hour,tenant,model", client)
            #expect(all.rows.count == 3 && all.rows.allSatisfy { $0.hour?.hasSuffix(":00:00Z") == true })
            let days = try await reply("?by=day", client)
            #expect(days.rows.count == 1 && days.rows[0].day?.count == 10)
            #expect(try await reply("?from=2001-01-01&to=2001-12-31", client).rows.isEmpty)
        }
    }

    @Test("a spreadsheet gets CSV, whether its URL or its Accept field asks for it, and no formula of a client's")
    func csv() async throws {
        let harness = ManagementHarness()
        fill(harness)
        try await harness.run { client in
            let path = "/api/v1/usage?by=tenant,model"
            for (query, headers) in [("&format=csv", [:]), ("", ["accept": "text/csv"])] {
                let reply = try await client.send("GET", path + query, headers: headers)
                #expect(reply.status == 200 && reply.contentType?.hasPrefix("text/csv") == true)
                let lines = reply.body.components(separatedBy: "\r\n")
                #expect(lines[0].hasPrefix("tenant,model,requests,refused,"))
                #expect(lines.contains("team-a,\"'=1+1\",1,0,3,4,5,1.500000,0.000000,"))
                #expect(lines.contains(",,1,1,0,0,0,0.000000,0.000000,no_server:1"))
            }
        }
    }

    @Test(
        "what can't be meant is answered with what can",
        arguments: [
            ("?by=colour", "tenant, model, hour or day"), ("?from=now", "from= takes a day"),
            ("?to=2026-13-01", "to= takes a day"), ("?format=xml", "json or csv"),
            ("?from=2001-01-02&to=2001-01-01", "before to="), ("?from=2001-01-01&by=hour", "is not known before"),
        ]
    )
    func mistakes(query: String, hint: String) async throws {
        try await ManagementHarness().run { client in
            let reply = try await client.send("GET", "/api/v1/usage" + query)
            #expect(reply.status == 400 && reply.body.contains(hint))
        }
    }

    @Test("a token that may only read is enough, and without any nobody sees anything")
    func tokens() async throws {
        let harness = ManagementHarness(
            tokens: KeyRing(KeySet(["all"]), isClosed: true),
            readingTokens: KeyRing(KeySet(["read"]), isClosed: true)
        )
        try await harness.run { client in
            for (token, status) in [("all", 200), ("read", 200), ("wrong", 401)] {
                let headers = ["authorization": "Bearer \(token)"]
                let reply = try await client.send("GET", "/api/v1/usage", headers: headers)
                #expect(reply.status == status)
            }
            let reply = try await client.send("GET", "/api/v1/usage")
            #expect(reply.status == 401)
        }
    }
}
