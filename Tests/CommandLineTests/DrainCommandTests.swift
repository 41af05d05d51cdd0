import ArgumentParser
import StubHTTPServer
import Synchronization
import Testing

@testable import paddler

/// The operators' commands, against a stub of a balancer.
struct DrainCommandTests {
    /// A balancer with two servers, on the first of which requests run and end one by one, with each look at the list.
    private final class BalancerStub: Sendable {
        private let state: Mutex<State>

        struct State {
            var leased: Int
            var isDraining = false
            /// Somebody undrains it as soon as it drains.
            var isContested = false
        }

        init(_ state: State) {
            self.state = Mutex(state)
        }

        var isDraining: Bool { state.withLock { $0.isDraining } }

        @Sendable func answer(_ request: StubRequest) -> StubReply? {
            guard request.headers["authorization"] == "Bearer hush" else { return StubReply(401) }
            return state.withLock { state in
                switch (request.method, request.uri) {
                case ("GET", "/api/v1/agents?limit=1000"):
                    if state.isDraining { state.leased = max(0, state.leased - 1) }
                    let other = agent("2", "gpu-2", "10.0.0.2:8088", leased: 5, isDraining: false)
                    let draining = state.isDraining && !state.isContested
                    let first = agent("1", "gpu-1", "10.0.0.1:8088", leased: state.leased, isDraining: draining)
                    return StubReply(200, #"{"agents":[\#(other),\#(first)]}"#)
                case ("POST", "/api/v1/agents/1/drain"), ("POST", "/api/v1/agents/1/undrain"):
                    state.isDraining = request.uri.hasSuffix("/drain")
                    return StubReply(
                        200,
                        agent("1", "gpu-1", "10.0.0.1:8088", leased: state.leased, isDraining: state.isDraining)
                    )
                default: return StubReply(404)
                }
            }
        }

        private func agent(_ id: String, _ name: String, _ address: String, leased: Int, isDraining: Bool) -> String {
            """
            {"agent_id":"\(id)","agent_name":"\(name)","external_llamacpp_addr":"\(address)",\
            "slots_leased":\(leased),"draining":\(isDraining)}
            """
        }
    }

    private func run(_ arguments: String..., on server: StubHTTPServer) async throws {
        let balancer = ["--management-addr", "127.0.0.1:\(server.port)", "--management-token", "hush"]
        var command = try Paddler.parseAsRoot(arguments + balancer)
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
    }

    @Test("a server is drained and undrained by name, id or address", arguments: ["gpu-1", "1", "10.0.0.1:8088"])
    func drain(word: String) async throws {
        let balancer = BalancerStub(.init(leased: 3))
        try await StubHTTPServer.with(balancer.answer) { server in
            try await run("drain", word, on: server)
            #expect(balancer.isDraining)
            try await run("undrain", word, on: server)
            #expect(!balancer.isDraining)
            #expect(server.requests.map(\.method) == ["GET", "POST", "GET", "POST"])
        }
    }

    @Test("with --wait it returns when nothing runs there any more")
    func wait() async throws {
        let balancer = BalancerStub(.init(leased: 2))
        try await StubHTTPServer.with(balancer.answer) { server in
            try await run("drain", "--wait", "gpu-1", on: server)
            #expect(server.requests.map(\.method) == ["GET", "POST", "GET", "GET"])
        }
    }

    @Test("what doesn't come to its end is exit code 1, and goes on draining")
    func timeout() async throws {
        let balancer = BalancerStub(.init(leased: 1000))
        try await StubHTTPServer.with(balancer.answer) { server in
            await #expect(throws: ExitCode(1)) {
                try await run("drain", "gpu-1", "--wait", "--timeout", "0", on: server)
            }
            #expect(balancer.isDraining)
        }
    }

    @Test("who waits is told when somebody undrained the server")
    func contested() async throws {
        let balancer = BalancerStub(.init(leased: 1000, isContested: true))
        try await StubHTTPServer.with(balancer.answer) { server in
            await #expect(throws: ExitCode(1)) { try await run("drain", "gpu-1", "--wait", on: server) }
        }
    }

    @Test("an unknown server is exit code 1, and nothing is changed")
    func unknown() async throws {
        try await StubHTTPServer.with(BalancerStub(.init(leased: 0)).answer) { server in
            await #expect(throws: ExitCode(1)) { try await run("drain", "gpu-3", on: server) }
            #expect(server.requests.map(\.method) == ["GET"])
        }
    }

    @Test(
        "mistakes are usage errors",
        arguments: [
            (["drain"], "<name>"), (["undrain"], "<name>"), (["drain", "a", "b"], "'b'"),
            (["drain", "a", "--timeout", "soon"], "duration"),
            (["drain", "a", "--management-addr", "b"], "--management-addr"),
            (["drain", "a", "--management-host", "aws:metadata:local-ipv4"], "--management-host"),
        ]
    )
    func mistakes(arguments: [String], mention: String) throws {
        let error = try #require(throws: (any Error).self) { try Paddler.parseAsRoot(arguments) }
        #expect(Paddler.exitCode(for: error).rawValue == 64)
        #expect(Paddler.message(for: error).contains(mention))
    }
}
