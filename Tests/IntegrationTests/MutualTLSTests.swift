import Foundation
import Testing

/// A balancer that asks for certificates, and agents and operators that show some, all made by `paddler certificate`.
@Suite("Mutual TLS, as its users meet it", .serialized)
struct MutualTLSTests {
    /// A folder with an authority of its own.
    private struct Authority {
        let folder: URL

        var file: String { path("authority.pem") }

        func path(_ name: String) -> String { folder.appending(path: name).path }

        func make(_ arguments: String...) async throws {
            let process = try Paddler.start(["certificate"] + arguments + ["--out", folder.path])
            let exit = try await process.waitUntilExit()
            #expect(exit == .code(0), "\(process.lines)")
        }

        func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

        /// What shows this pair.
        func shown(_ pair: String) -> [String] {
            ["--management-cert", path("\(pair).pem"), "--management-key", path("\(pair).key")]
        }
    }

    private final class Scene {
        let balancer: RunningBalancer
        /// Of the balancer's own certificate.
        let own: Authority
        /// Of clients, at first.
        let clients: Authority
        /// Which the balancer doesn't know at first.
        let others: Authority
        let server: FakeServer
        private(set) var processes: [ChildProcess] = []

        init(
            _ balancer: RunningBalancer,
            _ own: Authority,
            _ clients: Authority,
            _ others: Authority,
            _ server: FakeServer
        ) {
            self.balancer = balancer
            self.own = own
            self.clients = clients
            self.others = others
            self.server = server
            processes = [balancer.process, server.process]
        }

        var contact: [String] {
            ["--management-addr", "localhost:\(balancer.managementPort)", "--management-scheme", "https"]
                + ["--ca-file", own.file]
        }

        func agent(_ name: String, _ shown: [String]) throws -> ChildProcess {
            let arguments = ["agent", "--name", name, "--local-llamacpp-addr", "127.0.0.1:\(server.port)"]
            let process = try Paddler.start(arguments + contact + shown)
            processes.append(process)
            return process
        }

        func run(_ arguments: [String]) async throws -> (exit: ChildProcess.Exit, text: String) {
            let process = try Paddler.start(arguments + contact)
            let exit = try await process.waitUntilExit()
            return (exit, process.lines.joined(separator: "\n"))
        }

        func waitUntilUsable(_ name: String) async throws {
            try await eventually("\(name) is usable", equals: true) { [self] in
                try await run(["dashboard", "--once"]).text.split(separator: "\n")
                    .contains { $0.contains(name) && $0.contains("usable") }
            }
        }
    }

    private func withScene(_ arguments: [String] = [], _ body: (Scene) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let authorities = ["own", "clients", "others"].map { Authority(folder: folder.appending(path: $0)) }
            try await authorities[0].make("localhost", "127.0.0.1")
            for authority in authorities[1...] { try await authority.make("--client", "gpu-1") }
            let flags = [
                "--management-tls-cert", authorities[0].path("localhost.pem"),
                "--management-tls-key", authorities[0].path("localhost.key"),
                "--management-client-ca", authorities[1].file,
            ]
            let balancer = try await Paddler.balancer(flags + arguments)
            let server = try await FakeServer.start(slots: 2)
            let scene = Scene(balancer, authorities[0], authorities[1], authorities[2], server)
            do {
                try await body(scene)
            } catch {
                for process in scene.processes {
                    for line in process.lines.suffix(20) { print(line) }
                    try? await process.kill()
                }
                throw error
            }
            for process in scene.processes { try await process.kill() }
        }
    }

    @Test("the right certificate lets agents and operators in, none lets operators read, and everything else is said")
    func authority() async throws {
        try await withScene { scene in
            let none = try scene.agent("gpu-0", [])
            let line = try await none.waitForLine(containing: "no connection to the balancer")
            #expect(line.contains("403") && line.contains("--management-cert"), "\(line)")
            _ = try await scene.balancer.process.waitForLine(containing: "agent refused: it shows no certificate")

            let foreign = try scene.agent("gpu-1", scene.others.shown("gpu-1"))
            let distrust = try await foreign.waitForLine(containing: "no connection to the balancer")
            #expect(distrust.contains("refuses the certificate of this one"), "\(distrust)")
            let refused = try await scene.balancer.process.waitForLine(containing: "nobody vouches for the client")
            #expect(refused.contains("(gpu-1)"), "\(refused)")

            // The balancer's own is none for clients, whoever made it.
            try await scene.clients.make("server.lan")
            let server = try scene.agent("gpu-1", scene.clients.shown("server.lan"))
            _ = try await server.waitForLine(containing: "refuses the certificate of this one")

            _ = try scene.agent("gpu-1", scene.clients.shown("gpu-1"))
            try await scene.waitUntilUsable("gpu-1")
            let drain = try await scene.run(["drain", "gpu-1"])
            #expect(drain.exit == .code(1) && drain.text.contains("show one by --management-cert"), "\(drain.text)")
            for command in ["drain", "undrain"] {
                let (exit, text) = try await scene.run([command, "gpu-1"] + scene.clients.shown("gpu-1"))
                #expect(exit == .code(0), "\(text)")
            }
            let drained = try await scene.balancer.process.waitForLine(containing: "certificate of gpu-1")
            #expect(drained.contains("drain"))
            let (exit, text) = try await scene.run(["usage"] + scene.others.shown("gpu-1"))
            #expect(exit == .code(1) && text.contains("refuses the certificate of this one"), "\(text)")
        }
    }

    @Test("a token lets in as ever, with or without a certificate")
    func token() async throws {
        let token = ["--management-token", "secret"]
        try await withScene(token) { scene in
            _ = try scene.agent("with-token", token)
            let (_, text) = try await scene.run(["usage"])
            #expect(text.contains("demands a token"), "\(text)")
            try await eventually("the agent is usable", equals: true) {
                let table = try await scene.run(["dashboard", "--once"] + scene.clients.shown("gpu-1")).text
                return table.contains("with-token") && table.contains("usable")
            }
        }
    }

    @Test(
        "a browser without a certificate is asked for none, and logs in with a token",
        .enabled(if: ClientScript.hasBrowser)
    )
    func browser() async throws {
        try await withScene(["--management-token", "right", "--management-dashboard-enable"]) { scene in
            let url = "https://localhost:\(scene.balancer.managementPort)"
            try await ClientScript.run("dashboard_client.py", [url, "login"])
        }
    }

    @Test("an agent that is bound to its certificate's names and has another is refused, and both logs say so")
    func names() async throws {
        try await withScene(["--agent-names", "certificate", "--agent-allow", "spare-*"]) { scene in
            let wrong = try scene.agent("gpu-2", scene.clients.shown("gpu-1"))
            _ = try await wrong.waitForLine(containing: "gpu-2\\\", and its certificate is for gpu-1")
            let line = try await scene.balancer.process.waitForLine(containing: "its certificate is for gpu-1")
            #expect(line.contains("refused"))
            try await wrong.kill()
            let right = try scene.agent("gpu-1", scene.clients.shown("gpu-1"))
            try await scene.waitUntilUsable("gpu-1")
            try await right.kill()
            _ = try scene.agent("spare-1", scene.clients.shown("gpu-1"))
            try await scene.waitUntilUsable("spare-1")
        }
    }

    @Test("authorities that change, and an agent's renewed certificate, are taken without a restart")
    func renewed() async throws {
        try await withScene { scene in
            let agent = try scene.agent("gpu-1", scene.clients.shown("gpu-1"))
            try await scene.waitUntilUsable("gpu-1")
            let (first, second) = (try scene.clients.text("authority.pem"), try scene.others.text("authority.pem"))
            func write(_ text: String, to path: String) throws {
                try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            }
            try write("nothing\n", to: scene.clients.file)
            _ = try await scene.balancer.process.waitForLine(containing: "the clients' authorities in use stay")
            try write(first + second, to: scene.clients.file)
            _ = try await scene.balancer.process.waitForLine(containing: "clients' authorities read again")
            let (exit, text) = try await scene.run(["drain", "gpu-1"] + scene.others.shown("gpu-1"))
            #expect(exit == .code(0), "\(text)")
            _ = try await scene.run(["undrain", "gpu-1"] + scene.others.shown("gpu-1"))

            // The agent's files are replaced while it is connected; then the balancer wants the new ones.
            for end in ["key", "pem"] {
                try write(scene.others.text("gpu-1.\(end)"), to: scene.clients.path("gpu-1.\(end)"))
            }
            #expect(agent.lines.count { $0.contains("connected to the balancer") } == 1)
            try write(second, to: scene.clients.file)
            _ = try await scene.balancer.process.waitForLine(containing: "what they had shown lets nobody in any more")
            try await eventually("the agent is there again", equals: 2) {
                agent.lines.count { $0.contains("connected to the balancer") }
            }
            try await scene.waitUntilUsable("gpu-1")
        }
    }

    @Test("TLS on a management port that speaks plain HTTP is said in both logs")
    func plainPort() async throws {
        let balancer = try await Paddler.balancer()
        let agent = try Paddler.start(
            ["agent", "--management-addr", "127.0.0.1:\(balancer.managementPort)", "--management-scheme", "https"]
        )
        _ = try await agent.waitForLine(containing: "the balancer speaks plain HTTP there")
        _ = try await balancer.process.waitForLine(containing: "the management port speaks plain HTTP")
        for process in [agent, balancer.process] { try await process.kill() }
    }

    @Test("a certificate that can't be used ends an agent or a command at its start, in one line")
    func unusable() async throws {
        try await withScene { scene in
            let files = [
                "--management-cert", scene.clients.path("gpu-1.pem"), "--management-key",
                scene.others.path("gpu-1.key"),
            ]
            let agent = try scene.agent("gpu-1", files)
            #expect(try await agent.waitUntilExit() == .code(1))
            let line =
                "error: --management-key: \(scene.others.path("gpu-1.key")): the key is not that of the first certificate"
            #expect(agent.lines.last?.hasPrefix(line) == true, "\(agent.lines)")
            let (exit, text) = try await scene.run(["usage"] + files)
            #expect(exit == .code(1) && text.hasPrefix(line), "\(text)")
        }
        let alone = try Paddler.start(["agent", "--management-cert", "a.pem", "--management-scheme", "https"])
        #expect(try await alone.waitUntilExit() == .code(64))
        let balancer = try Paddler.start(["balancer", "--management-client-ca", "a.pem"])
        #expect(try await balancer.waitUntilExit() == .code(64))
    }
}
