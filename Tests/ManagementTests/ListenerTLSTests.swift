import AccessControl
import AgentProtocol
import NIOHTTP1
import Scheduling
import TestCertificates
import Testing
import TransportSecurity

@testable import Management

@Suite("A management listener that speaks TLS", .timeLimit(.minutes(1)))
struct ListenerTLSTests {
    private let folder: CertificateFolder

    init() throws {
        folder = try CertificateFolder()
    }

    private func harness(tokens: KeyRing = .open) throws -> ManagementHarness {
        ManagementHarness(
            tokens: tokens,
            tls: (try ListenerCertificates([try folder.write("a")]), try folder.authority.clientConfiguration())
        )
    }

    @Test("agents talk to it as ever, and who goes has left")
    func agent() async throws {
        let harness = try harness()
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            #expect(agent.status == 200)
            try agent.say(Messages.hello())
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            try agent.say(Messages.report(processing: 1))
            let event = await harness.fleet.nextEvent()
            guard case .reported(let report) = event else {
                Issue.record("\(String(describing: event))")
                return
            }
            #expect(report.slots?.processing == 1)
            harness.messages.demandPoll(AgentID(rawValue: "a-1"))
            #expect(try await agent.hear() == .poll)
            agent.finish()
            #expect(await harness.fleet.nextEvent() == .left(AgentID(rawValue: "a-1")))
        }
    }

    @Test("a session's cookie is sent by TLS alone")
    func cookie() async throws {
        try await harness(tokens: KeyRing(KeySet(["secret"]), isClosed: true)).run { client in
            let form = ["content-type": "application/x-www-form-urlencoded"]
            let reply = try await client.send("POST", "/login", headers: form, body: "token=secret")
            let cookie = try #require(reply.headers.first(name: "set-cookie"))
            #expect(cookie.hasPrefix("__Host-paddler_session=") && cookie.hasSuffix("; Secure"))
            let session = ["cookie": try #require(reply.cookie)]
            #expect(try await client.send("GET", "/api/v1/agents", headers: session).status == 200)
        }
    }

    @Test("TLS to a listener that speaks plain HTTP is answered without, in words")
    func unexpectedTLS() async throws {
        try await ManagementHarness().run { client in
            let answer = try await RawConnection.with(client.address) { connection in
                try await connection.say([0x16, 3, 1, 0, 5, 1])
                return try await connection.hearToTheEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.contains("ask by http:// instead of https://"))
            #expect(try await client.send("GET", "/health").status == 200)
        }
    }

    @Test("a request without TLS is answered without, in words")
    func withoutTLS() async throws {
        try await harness().run { client in
            let plain = TestClient(address: client.address, http: client.http)
            let reply = try await plain.send("GET", "/health")
            #expect(reply.status == 400 && reply.body.contains("ask by https:// instead of http://"))
            #expect(try await client.send("GET", "/health").status == 200)
        }
    }
}
