import Foundation
import LoopbackPorts
import Testing

@testable import FakeLlamaServer

/// A real Envoy carries requests, and asks the balancer where each goes.
@Suite("Behind an Envoy", .serialized, .enabled(if: EnvoyProcess.isAvailable))
struct EnvoyTests {
    private static let hangs = ["X-Fake-Fault": FaultKind.hangBeforeHead.rawValue]

    private func occupy(_ count: Int, _ fleet: Fleet, _ envoy: EnvoyProcess) async throws -> [RawClient] {
        var clients: [RawClient] = []
        for _ in 0..<count { clients.append(try await envoy.ask(headers: Self.hangs)) }
        try await eventually("slots in use", equals: count) { try await fleet.balancer.health().slotsProcessing }
        return clients
    }

    // MARK: - Answers

    @Test("answers and streams come unharmed, and what is answered here is the balancer's, byte for byte")
    func answers() async throws {
        try await withEnvoy(serverArguments: ["--tokens", "20", "--token-delay", "1ms"]) { fleet, envoy in
            let whole = try await envoy.exchange()
            #expect(whole.status == 200 && whole.endedCleanly && whole.body.count == 1000)
            let stream = try await envoy.exchange(body: #"{"stream":true}"#)
            #expect(stream.status == 200 && stream.endedCleanly && stream.events.count == 22)
            #expect(stream.events.last == "[DONE]")
            for (method, path) in [
                ("GET", "/slots"), ("GET", "/health"), ("GET", "/v1/models"), ("GET", "/v1/nothing"),
            ] {
                let here = try await envoy.exchange(method, path, body: nil)
                let direct = try await fleet.exchange(method, path)
                #expect(here.status == direct.status && here.text == direct.text, "\(path)")
                #expect(here["Content-Type"] == direct["Content-Type"], "\(path)")
            }
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("a server gets what the client sent, and nothing that was said between Envoy and the balancer")
    func unchanged() async throws {
        try await withEnvoy(servers: 1, balancerArguments: ["--upstream-api-key", "theirs"]) { _, envoy in
            let body = #"{"prompt":"\#(String(repeating: "ä", count: 100_000))"}"#
            let echo = try await envoy.exchange(
                headers: [
                    "X-Fake-Echo": "1", "Authorization": "Bearer mine", "X-Paddler-Explain": "1", "X-Own": "a b",
                    "X-Paddler-Again": "1", "X-Envoy-Attempt-Count": "9",
                ],
                body: body
            )
            #expect(echo.text.hasSuffix("\r\n\r\n" + body))
            let head = echo.text.prefix(2000).lowercased()
            #expect(head.contains("authorization: bearer theirs\r\n") && !head.contains("mine"))
            #expect(head.contains("x-own: a b\r\n") && !head.contains("x-paddler-explain"))
            #expect(head.contains("content-length: \(body.utf8.count)\r\n"))
        }
    }

    @Test("what a client says of where its request goes changes nothing")
    func spoofed() async throws {
        try await withEnvoy { fleet, envoy in
            let spoofed = [
                "X-Gateway-Destination-Endpoint": "127.0.0.1:\(fleet.balancer.managementPort)",
                "X-Paddler-Request": "a",
                "X-Envoy-Attempt-Count": "7", "X-Paddler-Again": "1",
            ]
            for _ in 0..<4 {
                let reply = try await envoy.exchange("GET", "/api/v1/agents", headers: spoofed, body: nil)
                #expect(reply.status == 421)
                #expect(try await envoy.exchange(headers: spoofed).status == 200)
            }
            // With no balancer there, either.
            try await fleet.balancer.process.kill()
            let client = try RawClient(port: envoy.port)
            try await client.send(RawClient.request("GET", "/api/v1/agents", headers: spoofed))
            await #expect(throws: NotInTime.self) { _ = try await client.receive(within: .seconds(2)) }
        }
    }

    @Test("a request that is malformed ends nobody else's answer", arguments: ["Host: a@b", "Host:"])
    func malformed(host: String) async throws {
        try await withEnvoy(serverArguments: ["--tokens", "100", "--token-delay", "10ms"]) { fleet, envoy in
            let running = try await envoy.ask(body: #"{"stream":true}"#)
            _ = try await running.nextEvent()
            let client = try RawClient(port: envoy.port)
            try await client.send("GET /x HTTP/1.1\r\n\(host)\r\n\r\n")
            #expect(try await client.reply().status >= 400)
            let reply = try await running.reply()
            #expect(reply.endedCleanly && reply.events.last == "[DONE]")
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("what the first pass takes the second takes, too: as many fields, and as long")
    func largeHeads() async throws {
        try await withEnvoy { fleet, envoy in
            var many: [String: String] = [:]
            for number in 0..<95 { many["X-Own-\(number)"] = "a" }
            #expect(try await envoy.exchange(headers: many).status == 200)
            #expect(try await envoy.exchange(headers: ["X-Own": String(repeating: "a", count: 61_200)]).status == 200)
            try await fleet.waitUntilAtRest()
        }
    }

    // MARK: - The queue

    @Test("requests wait in the balancer's queue and are served in their order; one that leaves leaves it")
    func queue() async throws {
        try await withEnvoy(serverArguments: ["--timestamps", "--tokens", "2", "--token-delay", "1ms"]) {
            fleet,
            envoy in
            let holders = try await occupy(4, fleet, envoy)
            var waiting: [RawClient] = []
            for number in 1...6 {
                waiting.append(try await envoy.ask(body: #"{"stream":true}"#))
                try await fleet.balancer.waitUntilWaiting(number)
            }
            for size in [2, 3_000_000] {
                let leaving = try await envoy.ask(body: String(repeating: "x", count: size))
                try await fleet.balancer.waitUntilWaiting(7)
                await leaving.close()
                try await fleet.balancer.waitUntilWaiting(6)
            }
            await holders[0].close()
            var starts: [UInt64] = []
            for client in waiting {
                let reply = try await client.reply()
                #expect(reply.status == 200 && reply.endedCleanly)
                let event = try #require(reply.events.first)
                starts.append(try #require(QueueTests.time(of: event)))
            }
            #expect(starts == starts.sorted())
            for holder in holders { await holder.close() }
            try await fleet.waitUntilAtRest()
            for server in fleet.servers { #expect(try await server.counts().deferredMax == 0) }
        }
    }

    @Test("of a hundred requests at a time none is lost, and none waits in a server")
    func hundred() async throws {
        try await withEnvoy(serverArguments: ["--tokens", "3", "--token-delay", "2ms"]) { fleet, envoy in
            var clients: [RawClient] = []
            for _ in 0..<100 { clients.append(try await envoy.ask(body: #"{"stream":true}"#)) }
            for client in clients {
                let reply = try await client.reply()
                #expect(reply.status == 200 && reply.endedCleanly && reply.events.last == "[DONE]")
            }
            try await fleet.waitUntilAtRest()
            var received = 0
            for server in fleet.servers {
                let counts = try await server.counts()
                received += counts.requestsReceived
                #expect(counts.deferredMax == 0 && counts.runningMax <= 2)
            }
            #expect(received == 100)
        }
    }

    @Test("who can't be served is told so by the balancer")
    func refused() async throws {
        let arguments = ["--max-buffered-requests", "1", "--buffered-request-timeout", "500ms", "--api-key", "k"]
        try await withEnvoy(balancerArguments: arguments, envoyArguments: ["--max-request-body", "1MiB"]) {
            fleet,
            envoy in
            let key = ["Authorization": "Bearer k"]
            let stranger = try await envoy.exchange()
            #expect(stranger.status == 401 && stranger["WWW-Authenticate"] == "Bearer")
            #expect(stranger.failure?.type == "authentication_error")
            var holders: [RawClient] = []
            for _ in 0..<4 { holders.append(try await envoy.ask(headers: Self.hangs.merging(key) { $1 })) }
            try await eventually("slots in use", equals: 4) { try await fleet.balancer.health().slotsProcessing }
            let waiting = try await envoy.ask(headers: key)
            try await fleet.balancer.waitUntilWaiting(1)
            let full = try await envoy.exchange(headers: key)
            #expect(full.status == 429 && full["Retry-After"] != nil)
            #expect(full.failure?.type == "rate_limit_error")
            let late = try await waiting.reply()
            #expect(late.status == 504 && late.failure?.type == "timeout_error")
            #expect(late["X-Paddler-Again"] == nil)
            let large = try await envoy.exchange(headers: key, body: String(repeating: "x", count: 2 << 20))
            #expect(large.status == 413 && large.failure?.code == 413)
            for holder in holders { await holder.close() }
            try await fleet.waitUntilAtRest()
        }
    }

    // MARK: - Failures

    @Test("a slot is free at once when its client leaves in mid-answer")
    func leaves() async throws {
        try await withEnvoy(serverArguments: ["--tokens", "10000", "--token-delay", "10ms"]) { fleet, envoy in
            let client = try await envoy.ask(body: #"{"stream":true}"#)
            _ = try await client.nextEvent()
            #expect(try await fleet.balancer.health().slotsProcessing == 1)
            await client.close()
            try await fleet.waitUntilAtRest()
        }
    }

    @Test(
        "what fails before the first byte of an answer is served by another server, picked anew",
        arguments: [
            FaultKind.refuse, .resetBeforeHead, .closeBeforeHead, .halfHead, .malformedHead, .loading,
        ]
    )
    func again(fault: FaultKind) async throws {
        try await withEnvoy(slots: 4, serverArguments: ["--token-delay", "1ms"]) { fleet, envoy in
            try await fleet.servers[0].fault(fault, count: fault == .refuse ? nil : 3)
            for _ in 0..<6 {
                let reply = try await envoy.exchange(body: String(repeating: " ", count: 300_000))
                #expect(reply.status == 200 && reply.endedCleanly)
                #expect(reply["X-Paddler-Again"] == nil)
            }
            try await fleet.servers[0].clearFaults()
            try await fleet.waitUntilAtRest()
        }
    }

    @Test(
        "a request that may not be sent again is answered in the balancer's words",
        arguments: [FaultKind.closeBeforeHead, .malformedHead]
    )
    func notAgain(fault: FaultKind) async throws {
        try await withEnvoy(servers: 1, balancerArguments: ["--max-attempts-after-send", "1"]) { fleet, envoy in
            try await fleet.servers[0].fault(fault, count: 1)
            let reply = try await envoy.exchange()
            #expect(reply.status == 502 && reply.failure?.type == "upstream_error")
            #expect(reply.failure?.message == "the llama.cpp server closed the connection without an answer")
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("an error that is the server's own answer is its client's")
    func ownError() async throws {
        try await withEnvoy(servers: 1) { fleet, envoy in
            try await fleet.servers[0].fault(.error500, count: 1)
            let reply = try await envoy.exchange()
            #expect(reply.status == 500 && reply.text.contains("Told to fail."))
            try await fleet.waitUntilAtRest()
        }
    }

    @Test(
        "an answer that breaks off can't be taken for a whole one, and its slot is free",
        arguments: [FaultKind.cutMidStream, .resetMidStream]
    )
    func cut(fault: FaultKind) async throws {
        try await withEnvoy { fleet, envoy in
            let headers = ["X-Fake-Fault": fault.rawValue, "X-Fake-After-Tokens": "3"]
            let reply = try await envoy.exchange(headers: headers, body: #"{"stream":true}"#)
            #expect(reply.status == 200 && !reply.endedCleanly)
            // Of one that isn't a stream Envoy may not have passed on a byte yet, and says so.
            let whole = try await envoy.exchange(headers: headers)
            #expect(whole.status == 502 ? whole.failure?.type == "upstream_error" : !whole.endedCleanly)
            try await fleet.waitUntilAtRest()
        }
    }

    // MARK: - The balancer goes

    @Test("while the balancer is away, what runs is brought to its end and what waits goes on waiting")
    func restart() async throws {
        let ports = try (0..<3).map { _ in try ReservedPort() }
        let arguments = [
            "--reverseproxy-port", "\(ports[0].port)", "--management-port", "\(ports[1].port)",
            "--picker-addr", "127.0.0.1:\(ports[2].port)",
        ]
        try await withEnvoy(servers: 1, slots: 1, balancerArguments: arguments) { fleet, envoy in
            let running = try await envoy.ask(
                headers: ["X-Fake-Tokens": "150", "X-Fake-Token-Delay-Ms": "20"],
                body: #"{"stream":true}"#
            )
            _ = try await running.nextEvent()
            // So many that their attempts are more than Envoy bears on one of its own connections.
            let quick = ["X-Fake-Tokens": "1", "X-Fake-Token-Delay-Ms": "0"]
            var waiting: [RawClient] = []
            for _ in 0..<400 { waiting.append(try await envoy.ask(headers: quick)) }
            try await fleet.balancer.waitUntilWaiting(400)
            try await fleet.balancer.process.kill()
            let reply = try await running.reply()
            #expect(reply.endedCleanly && reply.events.last == "[DONE]")
            let next = try await Paddler.balancer(arguments)
            for client in waiting { #expect(try await client.reply(within: .seconds(30)).status == 200) }
            try await next.process.kill()
        }
    }

    @Test("while the balancer stands still, what runs is brought to its end, and what waits is served when it goes on")
    func frozen() async throws {
        try await withEnvoy(servers: 1, slots: 1) { fleet, envoy in
            let running = try await envoy.ask(
                headers: ["X-Fake-Tokens": "100", "X-Fake-Token-Delay-Ms": "100"],
                body: #"{"stream":true}"#
            )
            _ = try await running.nextEvent()
            let waiting = try await envoy.ask()
            try await fleet.balancer.waitUntilWaiting(1)
            fleet.balancer.process.signal(SIGSTOP)
            // Longer than it takes Envoy to give the connection up.
            let answer = try await running.reply(within: .seconds(60))
            #expect(answer.endedCleanly && answer.events.last == "[DONE]")
            fleet.balancer.process.signal(SIGCONT)
            #expect(try await waiting.reply(within: .seconds(60)).status == 200)
            try await fleet.waitUntilAtRest()
            let counts = try await fleet.servers[0].counts()
            #expect(counts.requestsCompleted == 2 && counts.requestsStarted == 2)
            #expect(counts.deferredMax == 0)
        }
    }

    @Test("a balancer that stops sends whoever comes to the next one, and ends when its own are served")
    func stop() async throws {
        let ports = try (0..<3).map { _ in try ReservedPort() }
        let arguments = [
            "--reverseproxy-port", "\(ports[0].port)", "--management-port", "\(ports[1].port)",
            "--picker-addr", "127.0.0.1:\(ports[2].port)",
        ]
        try await withEnvoy(servers: 1, slots: 1, balancerArguments: arguments) { fleet, envoy in
            let running = try await envoy.ask(
                headers: ["X-Fake-Tokens": "50", "X-Fake-Token-Delay-Ms": "20"],
                body: #"{"stream":true}"#
            )
            _ = try await running.nextEvent()
            let waiting = try await envoy.ask()
            try await fleet.balancer.waitUntilWaiting(1)
            fleet.balancer.process.signal(SIGTERM)
            let late = try await envoy.ask()
            #expect(try await running.reply().endedCleanly)
            #expect(try await waiting.reply().status == 200)
            try await fleet.balancer.process.waitUntilExit()
            let next = try await Paddler.balancer(arguments)
            #expect(try await late.reply(within: .seconds(30)).status == 200)
            try await next.process.kill()
        }
    }

    @Test(
        "a balancer that is told to stop passes its Envoys on to the one that stands by on its ports, and no request fails"
    )
    func handover() async throws {
        let ports = try (0..<3).map { _ in try ReservedPort() }
        let arguments = [
            "--reuse-port", "--reverseproxy-port", "\(ports[0].port)", "--management-port", "\(ports[1].port)",
            "--picker-addr", "127.0.0.1:\(ports[2].port)",
        ]
        try await withEnvoy(
            serverArguments: ["--tokens", "5", "--token-delay", "2ms"],
            balancerArguments: arguments
        ) { fleet, envoy in
            let second = try Paddler.start(["balancer", "--log-format", "json"] + arguments)
            try await second.waitForLine(containing: "standing by")
            let load = Task {
                var replies: [HTTPReply] = []
                repeat { replies.append(try await envoy.exchange(body: #"{"stream":true}"#)) } while !Task.isCancelled
                return replies
            }
            fleet.balancer.process.signal(SIGTERM)
            #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
            try await second.waitForLine(containing: #""listener":"endpoint_picker""#)
            load.cancel()
            let replies = try await load.value
            #expect(replies.count > 20)
            for reply in replies { #expect(reply.status == 200 && reply.endedCleanly && reply.events.last == "[DONE]") }
            try await second.kill()
        }
    }

    @Test("a balancer that stands by has what waits as soon as the first one is gone")
    func standby() async throws {
        let second = try await Paddler.balancer(["--picker-addr", "127.0.0.1:0"])
        let standby = ["--picker-addr", "127.0.0.1:\(try await second.pickerPort())"]
        try await withEnvoy(servers: 1, slots: 1, envoyArguments: standby) { fleet, envoy in
            let agent = try Paddler.agent(
                name: "other",
                watching: fleet.servers[0].port,
                reportingTo: [second.managementPort]
            )
            try await second.waitForIdleSlots(1)
            let holder = try await occupy(1, fleet, envoy)
            let waiting = try await envoy.ask()
            try await fleet.balancer.waitUntilWaiting(1)
            try await eventually("the other one's knowledge", equals: 0) { try await second.health().slotsIdle }
            try await fleet.balancer.process.kill()
            try await second.waitUntilWaiting(1)
            await holder[0].close()
            #expect(try await waiting.reply().status == 200)
            try await agent.kill()
        }
        try await second.process.kill()
    }

    // MARK: - Bodies

    @Test("with --bodies the body says which model is meant, and goes again with its request")
    func bodies() async throws {
        try await withEnvoy(models: ["alpha", "beta"], envoyArguments: ["--bodies"]) { fleet, envoy in
            for (number, model) in ["alpha", "beta"].enumerated() {
                let body = #"{"model":"\#(model)","prompt":"\#(String(repeating: "x", count: 3_000_000))"}"#
                try await fleet.servers[number].fault(.closeBeforeHead, count: 1)
                let reply = try await envoy.exchange(headers: ["X-Fake-Echo": "1"], body: body)
                #expect(reply.status == 200 && reply.text.hasSuffix("\r\n\r\n" + body))
            }
            let unknown = try await envoy.exchange(body: #"{"model":"gamma"}"#)
            #expect(unknown.status == 404 && unknown.failure?.type == "model_not_found")
        }
    }

    @Test("without, a request that only its body could place is refused, with what to do")
    func untoldBodies() async throws {
        try await withEnvoy(models: ["alpha", "beta"]) { _, envoy in
            let reply = try await envoy.exchange(body: #"{"model":"alpha"}"#)
            #expect(reply.status == 501 && reply.failure?.message.contains("paddler envoy-config --bodies") == true)
        }
    }

    // MARK: - TLS

    @Test("an Envoy with a certificate is served by TLS, and none without one")
    func mutualTLS() async throws {
        try await withTemporaryFolder { folder in
            for names in [["127.0.0.1"], ["--client", "envoy"]] {
                let made = try Paddler.start(["certificate", "--out", folder.path] + names)
                #expect(try await made.waitUntilExit() == .code(0))
            }
            let file = { (name: String) in folder.appendingPathComponent(name).path }
            let ca = ["--picker-ca", file("authority.pem")]
            let own = ["--picker-client-cert", file("envoy.pem"), "--picker-client-key", file("envoy.key")]
            let balancer = [
                "--picker-tls-cert", file("127.0.0.1.pem"), "--picker-tls-key", file("127.0.0.1.key"),
                "--picker-client-ca", file("authority.pem"),
            ]
            try await withEnvoy(balancerArguments: balancer, envoyArguments: ca + own) { fleet, envoy in
                #expect(try await envoy.exchange().status == 200)
                let stranger = try EnvoyProcess.printed(picker: try await fleet.balancer.pickerPort(), ca)
                try await withTemporaryFolder { folder in
                    let other = try await EnvoyProcess.start(stranger, in: folder)
                    try await fleet.balancer.process.waitForLine(containing: "an Envoy without a certificate")
                    let client = try await other.ask()
                    await #expect(throws: NotInTime.self) { _ = try await client.receive(within: .seconds(1)) }
                    try await other.process.kill()
                }
                #expect(try await envoy.exchange().status == 200)
            }
        }
    }

    // MARK: - Peculiarities of Envoy

    @Test("without response_trailer_mode: SEND a stream ends with its answer's first byte, and so would its lease")
    func earlyEnd() async throws {
        try await withEnvoy(
            serverArguments: ["--tokens", "200", "--token-delay", "10ms"],
            configuration: { picker in
                let printed = try EnvoyProcess.printed(picker: picker)
                let changed = printed.replacing("response_trailer_mode: SEND", with: "response_trailer_mode: SKIP")
                #expect(changed != printed)
                return changed
            }
        ) { fleet, envoy in
            try await envoy.waitForPicker()
            let client = try await envoy.ask(body: #"{"stream":true}"#)
            _ = try await client.nextEvent()
            try await eventually("slots leased") {
                try await fleet.balancer.upstreams().map(\.slotsLeased).reduce(0, +) == 0
            }
            #expect(try await fleet.servers.running() == 1)
            #expect(try await client.reply().events.last == "[DONE]")
        }
    }
}

extension [FakeServer] {
    /// How many requests run on them.
    fileprivate func running() async throws -> Int {
        var sum = 0
        for server in self { sum += try await server.counts().runningNow }
        return sum
    }
}
