import AgentProtocol
import FleetMetrics
import Foundation
import Scheduling
import Synchronization
import TestCertificates
import Testing
import TransportSecurity

@testable import AccessControl
@testable import Management

@Suite("Certificates of agents and operators", .timeLimit(.minutes(1)))
struct ClientCertificateTests {
    private let folder: CertificateFolder
    private let certificates: ListenerCertificates

    init() throws {
        folder = try CertificateFolder()
        certificates = try ListenerCertificates(
            [folder.write("server")],
            clientAuthorities: OperatorFile(path: folder.path("authority.pem"), flag: "--management-client-ca")
        )
        try folder.write("gpu-1", names: ["gpu-1"])
    }

    private static let tokens = KeyRing(KeySet(["secret"]), isClosed: true)
    private static let readTokens = KeyRing(KeySet(["reader"]), isClosed: true)

    /// - Parameter pair: what its client shows; nil: nothing.
    private func harness(
        showing pair: String?,
        tokens: KeyRing = .open,
        readingTokens: KeyRing = .open,
        allowedOrigins: [String] = [],
        names: AgentNames = .any
    ) throws -> ManagementHarness {
        var client = try folder.authority.clientConfiguration()
        if let pair { try folder.present(pair, in: &client) }
        return ManagementHarness(
            tokens: tokens,
            readingTokens: readingTokens,
            agentNames: names,
            allowedOrigins: allowedOrigins,
            tls: (certificates, client)
        )
    }

    private func status(
        _ client: TestClient,
        _ method: String,
        _ path: String,
        _ headers: [String: String] = [:]
    )
        async throws -> Int
    {
        try await client.send(method, path, headers: headers).status
    }

    private static let drain = "/api/v1/agents/nobody/drain"

    @Test("without tokens everybody reads, and who changes or registers something needs a certificate")
    func authorityAlone() async throws {
        let open = try harness(showing: nil)
        try await open.run { client in
            #expect(try await status(client, "GET", "/api/v1/agents") == 200)
            #expect(try await status(client, "GET", "/metrics") == 200)
            // A token that nobody asks for changes nothing.
            #expect(try await status(client, "GET", "/api/v1/agents", ["authorization": "Bearer any"]) == 200)
            let refused = try await client.send("POST", Self.drain, headers: ["authorization": "Bearer any"])
            #expect(refused.status == 403 && refused.body.contains("--management-cert and --management-key"))
            #expect(try await client.connect(id: "a-1").status == 403)
            #expect(try await status(client, "POST", "/register/target") == 403)
            #expect(open.refusals.counts[.agent] == 2)
        }
        let certified = try harness(showing: "gpu-1")
        try await certified.run { client in
            #expect(try await status(client, "POST", Self.drain) == 404)
            var agent = try await client.connect(id: "a-1")
            try agent.say(Messages.hello())
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
        }
    }

    @Test("beside tokens, either lets in")
    func besideTokens() async throws {
        let certified = try harness(showing: "gpu-1", tokens: Self.tokens)
        try await certified.run { client in
            let read = try await status(client, "GET", "/api/v1/agents")
            #expect(read == 200)
            #expect(try await status(client, "POST", Self.drain) == 404)
            #expect(try await client.connect(id: "a-1").status == 200)
        }
        let bare = try harness(showing: nil, tokens: Self.tokens)
        try await bare.run { client in
            let refused = try await client.send("GET", "/api/v1/agents")
            #expect(refused.status == 401 && refused.body.contains("or show a certificate"))
            #expect(try await client.connect(id: "a-1").status == 401)
            #expect(try await client.connect(id: "a-1", token: "secret").status == 200)
            #expect(try await status(client, "POST", Self.drain, ["authorization": "Bearer secret"]) == 404)
        }
    }

    @Test("beside tokens for reading alone, reading needs one, or a certificate")
    func besideReadTokens() async throws {
        let reader = ["authorization": "Bearer reader"]
        let bare = try harness(showing: nil, readingTokens: Self.readTokens)
        try await bare.run { client in
            #expect(try await status(client, "GET", "/api/v1/agents") == 401)
            #expect(try await status(client, "GET", "/api/v1/agents", ["authorization": "Bearer wrong"]) == 401)
            #expect(try await status(client, "GET", "/api/v1/agents", reader) == 200)
            #expect(try await status(client, "POST", Self.drain, reader) == 403)
            let page = try await client.send("GET", "/api/v1/agents", headers: ["accept": "text/html"])
            #expect(page.status == 303 && page.location?.contains("login") == true)
        }
        let certified = try harness(showing: "gpu-1", readingTokens: Self.readTokens)
        try await certified.run { client in
            let read = try await status(client, "GET", "/api/v1/agents")
            #expect(read == 200)
            #expect(try await status(client, "POST", Self.drain) == 404)
        }
    }

    @Test("a page of another site changes nothing by the certificate of its reader's browser")
    func pages() async throws {
        let page = "https://ops.example"
        let from = ["origin": page, "sec-fetch-site": "cross-site"]
        let certified = try harness(showing: "gpu-1", tokens: Self.tokens, allowedOrigins: [page])
        try await certified.run { client in
            let byPage = try await status(client, "POST", Self.drain, from)
            #expect(byPage == 401)
            let token = from.merging(["authorization": "Bearer secret"]) { $1 }
            #expect(try await status(client, "POST", Self.drain, token) == 404)
            #expect(try await status(client, "POST", Self.drain, ["sec-fetch-site": "same-origin"]) == 404)
            // One that is too old to say.
            #expect(try await status(client, "POST", Self.drain, ["accept-language": "en"]) == 401)
        }
    }

    @Test("a certificate of another authority, or one that has expired, ends the connection", arguments: [true, false])
    func refused(isExpired: Bool) async throws {
        if isExpired {
            try folder.write("other", names: ["gpu-1"], lifetime: 60)
        } else {
            let (chain, key) = try TestAuthority().server(names: ["gpu-1"])
            try folder.write(chain, to: "other.pem")
            try folder.write(key, to: "other.key")
        }
        let harness = try harness(showing: "other")
        try await harness.run { client in
            await #expect(throws: (any Error).self) { try await client.send("GET", "/health") }
            // The client may hear of it first.
            while harness.refusals.counts[.certificate, default: 0] == 0 { await Task.yield() }
        }
    }

    @Test("when an authority is taken away, who was let in by a certificate is let in no more")
    func withdrawn() async throws {
        let harness = try harness(showing: "gpu-1")
        let other = try TestAuthority().pem + "\n"
        try await harness.run { client in
            var agent = try await client.connect(id: "a-1")
            try agent.say(Messages.hello())
            #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            try agent.say(Messages.report(processing: 1))
            _ = await harness.fleet.nextEvent()
            _ = try #require(certificates.watched.last).take(Array(other.utf8))
            #expect(await harness.fleet.nextEvent() == .left(AgentID(rawValue: "a-1")))
            #expect(harness.fleet.departures.withLock { $0 } == [.certificateWithdrawn])
        }
    }

    @Test("an agent may be bound to the names of its certificate, and learns why it is refused")
    func names() async throws {
        let allowed = AgentNames.certified(allowed: ModelPatterns(["spare-*"]))
        let harness = try harness(showing: "gpu-1", names: allowed)
        try await harness.run { client in
            for (number, name) in ["gpu-1", "spare-7"].enumerated() {
                var agent = try await client.connect(id: "good-\(number)")
                try agent.say(Messages.hello(name: name))
                #expect(try await agent.hear() == .welcome(balancerVersion: "9.9.9"))
            }
            for (number, name) in ["gpu-2", nil].enumerated() {
                var agent = try await client.connect(id: "bad-\(number)")
                try agent.say(Messages.hello(name: name))
                try agent.say(Messages.report(processing: 1))
                guard case .refused(let reason)? = try await agent.hear() else {
                    Issue.record("\(name ?? "nobody") was not refused")
                    continue
                }
                #expect(
                    reason.contains(name.map { "calls itself \"\($0)\", and its certificate is for gpu-1" } ?? "--name")
                )
                #expect(try await agent.hear() == nil)
            }
        }
        #expect(harness.fleet.recentEvents().map(\.kind.name) == ["refused", "refused"])
    }

    @Test("agents of Paddler 0.10 and 1.x, which show no certificate, are bound to the names that are listed")
    func oldNames() async throws {
        let registration = RecordedAgents.Version010.ready(idle: 4, processing: 0)
        let bodies = [
            (
                "/register/target",
                String(registration.suffix(from: try #require(registration.range(of: "{")).lowerBound))
            ),
            (RecordedAgents.Version12.path, RecordedAgents.Version12.ready(idle: 4, processing: 0)),
        ]
        for isListed in [true, false] {
            let names = AgentNames.certified(allowed: ModelPatterns(isListed ? ["gpu-1"] : []))
            let harness = try harness(showing: nil, tokens: Self.tokens, names: names)
            try await harness.run { client in
                for (path, body) in bodies {
                    let token = ["authorization": "Bearer secret", "content-type": "application/json"]
                    let reply = try await client.send("POST", path, headers: token, body: body)
                    #expect((reply.status == 403) == !isListed, "\(path): \(reply.body)")
                    #expect(isListed || reply.body.contains("the balancer's --agent-allow"))
                }
            }
            #expect(harness.fleet.recentEvents().contains { $0.kind.name == "refused" } == !isListed)
        }
    }
}

@Suite("Names that agents may have")
struct AgentNamesTests {
    @Test("any, unless they are bound: then those that are listed")
    func listed() {
        let bound = AgentNames.certified(allowed: ModelPatterns(["spare-*", "old"]))
        for name in ["gpu-1", nil] { #expect(AgentNames.any.objection(to: name, with: nil) == nil) }
        for name in ["spare-1", "old"] { #expect(bound.objection(to: name, with: nil) == nil) }
        #expect(bound.objection(to: "gpu-1", with: nil)?.contains("shows no certificate for that name") == true)
        #expect(bound.objection(to: nil, with: nil)?.contains("needs a --name") == true)
    }
}
