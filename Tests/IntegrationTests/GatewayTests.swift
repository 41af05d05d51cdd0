import Foundation
import Testing

@testable import FakeLlamaServer

/// An Envoy as Gateways configure it: it sends each request once, and all bodies through the balancer.
@Suite("Behind a Gateway", .serialized, .enabled(if: EnvoyProcess.isAvailable))
struct GatewayTests {
    private func withGateway(
        models: [String] = [],
        slots: Int = 2,
        serverArguments: [String] = [],
        balancerArguments: [String] = [],
        _ body: (Fleet, EnvoyProcess) async throws -> Void
    ) async throws {
        try await withEnvoy(
            slots: slots,
            models: models,
            serverArguments: serverArguments,
            balancerArguments: balancerArguments,
            configuration: { EnvoyProcess.gateway(picker: $0) }
        ) { fleet, envoy in
            try await envoy.waitForPicker()
            try await body(fleet, envoy)
        }
    }

    @Test(
        "the body says which model is meant, and comes through whole, as does the answer",
        arguments: [2, 62_000, 3_000_000]
    )
    func bodies(size: Int) async throws {
        try await withGateway(models: ["alpha", "beta"]) { fleet, envoy in
            let body = #"{"model":"beta","prompt":"\#(String(repeating: "x", count: size))"}"#
            let echo = try await envoy.exchange(headers: ["X-Fake-Echo": "1"], body: body)
            #expect(echo.status == 200 && echo.text.hasSuffix("\r\n\r\n" + body))
            let stream = try await envoy.exchange(body: #"{"model":"beta","stream":true}"#)
            #expect(stream.endedCleanly && stream.events.last == "[DONE]" && stream.events.count == 12)
            #expect(try await envoy.exchange("GET", "/v1/models", body: nil).status == 200)
            #expect(try await envoy.exchange(body: #"{"model":"gamma"}"#).status == 404)
            try await fleet.waitUntilAtRest()
            #expect(try await fleet.servers[0].counts().requestsReceived == 0)
        }
    }

    @Test("a body that is larger than may be is refused while it comes")
    func tooLarge() async throws {
        try await withGateway(balancerArguments: ["--max-request-body", "1MiB"]) { fleet, envoy in
            let reply = try await envoy.exchange(body: String(repeating: "x", count: 2 << 20))
            #expect(reply.status == 413 && reply.failure?.message.contains("--max-request-body") == true)
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("a request waits for as long as it takes, over pings ten times a second, and leaves with its client")
    func waits() async throws {
        try await withGateway(slots: 1) { fleet, envoy in
            var holders: [RawClient] = []
            for _ in 0..<2 {
                holders.append(try await envoy.ask(headers: ["X-Fake-Fault": FaultKind.hangBeforeHead.rawValue]))
            }
            try await eventually("slots in use", equals: 2) { try await fleet.balancer.health().slotsProcessing }
            let waiting = try await envoy.ask()
            let leaving = try await envoy.ask()
            try await fleet.balancer.waitUntilWaiting(2)
            await leaving.close()
            try await fleet.balancer.waitUntilWaiting(1)
            // The default of Envoy's message_timeout, which doesn't count here, and dozens of pings.
            await #expect(throws: NotInTime.self) { _ = try await waiting.receive(within: .seconds(3)) }
            await holders[0].close()
            #expect(try await waiting.reply().status == 200)
            await holders[1].close()
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("an attempt that fails is its client's answer, in the balancer's words, and its slot is free")
    func failures() async throws {
        try await withGateway(models: ["alpha", "beta"]) { fleet, envoy in
            let body = #"{"model":"beta"}"#
            try await fleet.servers[1].fault(.closeBeforeHead, count: 1)
            let cut = try await envoy.exchange(body: body)
            #expect(cut.status == 502 && cut.failure?.type == "upstream_error")
            try await fleet.servers[1].fault(.loading, count: 1)
            let loading = try await envoy.exchange(body: body)
            #expect(loading.status == 503 && loading.text.contains("Loading model"))
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("what fails on a request without a slot is answered, too, though it might be sent again")
    func freeFailure() async throws {
        try await withGateway { fleet, envoy in
            let headers = ["X-Fake-Fault": FaultKind.closeBeforeHead.rawValue]
            let reply = try await envoy.exchange("GET", "/v1/nothing", headers: headers, body: nil)
            #expect(reply.status == 502 && reply.failure?.type == "upstream_error")
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("a client that calls its request another one's attempt keeps nothing for it, and gets what it would have got")
    func forgedAttempt() async throws {
        try await withGateway { fleet, envoy in
            let forged = ["X-Paddler-Request": "a", "X-Envoy-Attempt-Count": "2"]
            for server in fleet.servers { try await server.fault(.loading, count: 1) }
            let loading = try await envoy.exchange(headers: forged)
            #expect(loading.status == 503 && loading["X-Paddler-Again"] == nil)
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("what Envoy lets through and nobody else would is answered 400")
    func malformed() async throws {
        try await withGateway { fleet, envoy in
            let client = try RawClient(port: envoy.port)
            try await client.send("GET /v1/nothing HTTP/1.1\r\nHost:\r\n\r\n")
            let reply = try await client.reply()
            #expect(reply.status == 400, "\(reply.status) \(reply.text)")
            #expect(reply.failure?.type == "invalid_request_error")
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("a client that leaves in mid-answer, or a server that breaks it off, leaves no slot behind")
    func leaves() async throws {
        try await withGateway(serverArguments: ["--tokens", "10000", "--token-delay", "10ms"]) { fleet, envoy in
            let client = try await envoy.ask(body: #"{"stream":true}"#)
            _ = try await client.nextEvent()
            await client.close()
            try await fleet.waitUntilAtRest()
            let headers = ["X-Fake-Fault": FaultKind.resetMidStream.rawValue, "X-Fake-After-Tokens": "3"]
            let reply = try await envoy.exchange(headers: headers, body: #"{"stream":true}"#)
            #expect(reply.status == 200 && !reply.endedCleanly)
            try await fleet.waitUntilAtRest()
        }
    }
}
