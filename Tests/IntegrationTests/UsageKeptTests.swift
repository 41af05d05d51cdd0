import Foundation
import LoopbackPorts
import Testing

@testable import FakeLlamaServer

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What each tenant got, and that it is known beyond the life of a balancer.
@Suite("Usage that is kept", .serialized)
struct UsageKeptTests {
    private struct Usage: Decodable, Equatable {
        struct Counts: Decodable, Equatable {
            var requests = 0, refused = 0, tokens_computed = 0, tokens_generated = 0
            var refusals: [String: Int] = [:]
            var slot_seconds = 0.0
        }

        struct Row: Decodable, Equatable {
            let tenant, model: String?
            let requests, refused, tokens_computed, tokens_generated: Int
            let refusals: [String: Int]
            let slot_seconds: Double
        }

        let rows: [Row]
        let total: Counts
        let storage: String

        func row(_ tenant: String?, _ model: String? = nil) -> Row? {
            rows.first { $0.tenant == tenant && $0.model == model }
        }
    }

    private func usage(_ balancer: RunningBalancer, _ by: String = "tenant") async throws -> Usage {
        let reply = try await RawClient.exchange(
            "GET",
            "/api/v1/usage?from=2026-01-01&by=\(by)",
            port: balancer.managementPort
        )
        guard reply.status == 200 else { throw HarnessFailure(description: reply.text) }
        return try JSONDecoder().decode(Usage.self, from: Data(reply.body))
    }

    private func arguments(_ folder: URL) -> [String] { ["--state-dir", folder.appending(path: "state").path()] }

    private static let path = "/v1/chat/completions"

    @Test(
        "it is what the servers said of answers, streams and cut ones, with refusals beside it, and the next life knows it"
    )
    func servers() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "tenants.yaml")
            try Data("tenants:\n  a: {keys: k, models: alpha}\n  b: {keys: l}\n".utf8).write(to: file)
            let arguments = arguments(folder)
            let tenants = ["--tenants-file", file.path()]
            let expected = try await withFleet(
                servers: 1,
                models: ["alpha"],
                balancerArguments: arguments + tenants
            ) { fleet in
                func ask(_ key: String, _ body: String, _ headers: [String: String] = [:]) async throws -> HTTPReply {
                    let all = headers.merging(["Authorization": "Bearer \(key)"]) { own, _ in own }
                    return try await fleet.exchange("POST", Self.path, headers: all, body: body)
                }
                for _ in 0..<5 {
                    let reply = try await ask("k", #"{"model":"alpha"}"#, ["X-Fake-Delay-Ms": "50"])
                    #expect(reply.status == 200)
                }
                for _ in 0..<3 {
                    let reply = try await ask("l", #"{"model":"alpha","stream":true}"#, ["X-Fake-Tokens": "8"])
                    #expect(reply.endedCleanly)
                }
                let fault = ["X-Fake-Fault": FaultKind.cutMidStream.rawValue, "X-Fake-After-Tokens": "4"]
                _ = try await ask("l", #"{"model":"alpha","stream":true}"#, fault)
                for _ in 0..<2 {
                    let reply = try await ask("k", #"{"model":"beta"}"#)
                    #expect(reply.status == 403)
                }
                _ = try await ask("wrong", "{}")
                // What takes no slot doesn't count.
                _ = try await fleet.exchange("GET", "/v1/models", headers: ["Authorization": "Bearer k"])
                try await eventually("all requests", equals: 12) { try await usage(fleet.balancer).total.requests }
                let told = try await usage(fleet.balancer, "tenant,model")
                #expect(told.storage == "disk")
                let answered = try #require(told.row("a", "alpha"))
                #expect(answered.requests == 5 && answered.tokens_computed == 5 && answered.tokens_generated == 5)
                #expect(answered.slot_seconds >= 0.25 && answered.refused == 0)
                let streamed = try #require(told.row("b", "alpha"))
                // These say nothing of what they cost: events are counted, the one that ends a stream, too.
                #expect(streamed.requests == 4 && 3 * 8 + 3...3 * 9 + 4 ~= streamed.tokens_generated)
                #expect(told.row("a")?.refusals == ["model_forbidden": 2] && told.row("a")?.slot_seconds == 0)
                #expect(told.row(nil)?.refusals == ["no_key": 1])
                #expect(told.rows.count == 4)
                #expect(try await fleet.servers[0].counts().requestsStarted == 9)

                let printed = try Paddler.start([
                    "usage", "--management-port", "\(fleet.balancer.managementPort)", "--from", "2026-01-01",
                ])
                #expect(try await printed.waitUntilExit() == .code(0))
                #expect(printed.lines.contains { $0.hasPrefix("a ") } && printed.lines.last?.hasPrefix("total") == true)

                fleet.balancer.process.signal(SIGTERM)
                #expect(try await fleet.balancer.process.waitUntilExit() == .code(0))
                return told
            }
            let next = try await Paddler.balancer(arguments)
            #expect(try await usage(next, "tenant,model") == expected)
            let csv = try await RawClient.exchange(
                "GET",
                "/api/v1/usage?from=2026-01-01&by=tenant,model",
                port: next.managementPort,
                headers: ["Accept": "text/csv"]
            )
            #expect(csv.text.contains("\r\na,alpha,5,0,5,0,5,"))
            try await next.process.kill()
        }
    }

    @Test("a stream that goes on without its client counts for its tenant until its slot is idle")
    func goesOn() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "tenants.yaml")
            try Data("tenants:\n  a: {keys: k}\n".utf8).write(to: file)
            let arguments = ["--tenants-file", file.path(), "--streams-endpoint-enable"]
            try await withFleet(servers: 1, balancerArguments: arguments) { fleet in
                let client = try fleet.connect()
                let headers = [
                    "Authorization": "Bearer k", "X-Conversation-Id": "c", "X-Fake-Tokens": "60",
                    "X-Fake-Token-Delay-Ms": "50",
                ]
                try await client.send(
                    RawClient.request("POST", Self.path, headers: headers, body: #"{"stream":true}"#)
                )
                _ = try await client.read(until: "\n\n")
                await client.close()
                try await eventually("the request", equals: 1) { try await usage(fleet.balancer).total.requests }
                try await fleet.waitUntilAtRest()
                #expect(try await fleet.servers[0].counts().requestsCompleted == 1)
                // 60 tokens, 50 ms apart.
                try await eventually("slot time of all of it") {
                    try await usage(fleet.balancer).row("a")?.slot_seconds ?? 0
                } satisfies: {
                    $0 >= 3
                }
                #expect(try await usage(fleet.balancer).total.requests == 1)
            }
        }
    }

    @Test("a balancer that is killed forgets five seconds at most, and tells of nothing that wasn't")
    func killed() async throws {
        let rounds = ProcessInfo.processInfo.environment["PADDLER_TEST_KILLS"].flatMap { Int($0) } ?? 2
        let ports = (proxy: try ReservedPort(), management: try ReservedPort())
        try await withTemporaryFolder { folder in
            let arguments =
                arguments(folder) + [
                    "--reverseproxy-port", "\(ports.proxy.port)", "--management-port", "\(ports.management.port)",
                ]
            try await withFleet(balancerArguments: arguments) { fleet in
                var balancer = fleet.balancer
                for _ in 0..<rounds {
                    // What an earlier round has lost stays lost.
                    let before = try await usage(balancer).total.requests
                    let startedBefore = try await started(fleet)
                    let completedBefore = try await completed(fleet)
                    var long = 0
                    let load = try await SteadyLoad.run(port: balancer.port) { load in
                        try await load.waitForMore(10)
                        long = try await completed(fleet) - completedBefore
                        let start = ContinuousClock.now
                        while ContinuousClock.now - start < .seconds(5) { try await load.waitForMore(5) }
                        try await balancer.process.kill()
                    }
                    #expect(load.answered > 20)
                    balancer = try await Paddler.balancer(arguments)
                    let told = try await usage(balancer)
                    #expect(told.storage == "disk")
                    let counted = told.total.requests - before
                    let begun = try await started(fleet) - startedBefore
                    #expect(counted >= long && counted <= begun)
                    try await balancer.waitForIdleSlots(4)
                }
                try await balancer.process.kill()
            }
        }
    }

    private func completed(_ fleet: Fleet) async throws -> Int {
        var sum = 0
        for server in fleet.servers { sum += try await server.counts().requestsCompleted }
        return sum
    }

    private func started(_ fleet: Fleet) async throws -> Int {
        var sum = 0
        for server in fleet.servers { sum += try await server.counts().requestsStarted }
        return sum
    }

    @Test("what a tenant has used of its day is used after a restart, too", arguments: [SIGTERM, SIGKILL])
    func budget(signal: Int32) async throws {
        let ports = (proxy: try ReservedPort(), management: try ReservedPort())
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "tenants.yaml")
            try Data("tenants:\n  a: {keys: k, tokens-per-day: 100}\n".utf8).write(to: file)
            let arguments =
                arguments(folder) + [
                    "--tenants-file", file.path(), "--reverseproxy-port", "\(ports.proxy.port)",
                    "--management-port", "\(ports.management.port)",
                ]
            try await withFleet(servers: 1, balancerArguments: arguments) { fleet in
                func ask(_ most: Int) async throws -> Int {
                    try await fleet.exchange(
                        "POST",
                        Self.path,
                        headers: ["Authorization": "Bearer k"],
                        body: #"{"stream":true,"max_tokens":\#(most)}"#
                    ).status
                }
                // The stream doesn't say what it cost: the estimate counts.
                #expect(try await ask(60) == 200)
                if signal == SIGKILL { try await waitUntilOnDisk(1, folder) }
                fleet.balancer.process.signal(signal)
                _ = try await fleet.balancer.process.waitUntilExit()
                let next = try await Paddler.balancer(arguments)
                try await next.waitForIdleSlots(2)
                #expect(try await ask(60) == 429)
                #expect(try await ask(5) == 200)
                try await next.process.kill()
            }
        }
    }

    /// Another balancer that has nothing in memory sees what is on disk.
    private func waitUntilOnDisk(_ requests: Int, _ folder: URL) async throws {
        let reader = try await Paddler.balancer(arguments(folder))
        try await eventually("requests on disk", equals: requests) { try await usage(reader).total.requests }
        try await reader.process.kill()
    }

    @Test("a folder that can't be used is told of in a line, and requests are served")
    func unusable() async throws {
        try await withFleet(servers: 1, balancerArguments: ["--state-dir", "/dev/null/state"]) { fleet in
            let line = try await fleet.balancer.process.waitForLine(containing: "usage can't be saved")
            #expect(line.contains("the folder /dev/null/state can't be made: Not a directory"))
            #expect(try await fleet.exchange(body: "{}").status == 200)
            try await eventually("the request", equals: 1) { try await usage(fleet.balancer).total.requests }
            #expect(try await usage(fleet.balancer).storage == "memory")
        }
    }

    #if os(Linux)
        @Test(
            "while its file can't grow requests are served, nothing is lost, and two lines say when it began and ended"
        )
        func full() async throws {
            try await withTemporaryFolder { folder in
                let arguments = arguments(folder)
                let paddler = try BuiltProducts.executable("paddler")
                let ports = (proxy: try ReservedPort(), management: try ReservedPort())
                // Not to be ended by the limit, which stands for a disk that is full.
                let process = try ChildProcess(
                    "/bin/sh",
                    [
                        "-c", #"trap '' XFSZ; exec "$0" "$@""#, paddler, "balancer", "--log-format", "json",
                        "--reverseproxy-port", "\(ports.proxy.port)", "--management-port", "\(ports.management.port)",
                        "--max-buffered-requests", "0",
                    ] + arguments
                )
                try await process.waitForLine(containing: #""listener":"reverse_proxy""#)
                let balancer = RunningBalancer(
                    process: process,
                    port: ports.proxy.port,
                    managementPort: ports.management.port
                )
                // It is refused: there is no server, and nobody may wait.
                func ask() async throws {
                    let reply = try await RawClient.exchange("POST", Self.path, port: balancer.port, body: "{}")
                    #expect(reply.status == 429)
                }
                func limit(_ bytes: String) async throws {
                    let prlimit = try ChildProcess("/usr/bin/prlimit", ["--pid", "\(process.pid)", "--fsize=\(bytes)"])
                    #expect(try await prlimit.waitUntilExit() == .code(0))
                }
                try await ask()
                try await limit("4096:unlimited")
                try await ask()
                let line = try await process.waitForLine(containing: "usage can't be saved")
                #expect(line.contains("is full"))
                try await ask()
                try await eventually("all", equals: 3) { try await usage(balancer).total.requests }
                try await limit("unlimited:unlimited")
                try await process.waitForLine(containing: "usage is saved again")
                #expect(process.lines.count { $0.contains("usage can't be saved") } == 1)
                try await process.kill()
                let next = try await Paddler.balancer(arguments)
                #expect(try await usage(next).total.requests == 3)
                try await next.process.kill()
            }
        }
    #endif
}
