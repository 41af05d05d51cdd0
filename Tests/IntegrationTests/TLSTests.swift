import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A balancer with a certificate of `paddler certificate`, an agent that trusts it, and who uses them.
@Suite("TLS, as its users meet it", .serialized)
struct TLSTests {
    private struct Scene {
        let balancer: RunningBalancer
        let folder: URL

        var authority: String { folder.appending(path: "authority.pem").path }
        var url: String { "https://localhost:\(balancer.port)" }
        var managementURL: String { "https://localhost:\(balancer.managementPort)" }

        /// What an operator's command is given to reach the balancer.
        var contact: [String] {
            ["--management-addr", "localhost:\(balancer.managementPort)", "--management-scheme", "https"]
                + ["--ca-file", authority]
        }

        /// How a command ends, and what it prints.
        func run(_ arguments: [String]) async throws -> (exit: ChildProcess.Exit, text: String) {
            let process = try Paddler.start(arguments)
            let exit = try await process.waitUntilExit()
            return (exit, process.lines.joined(separator: "\n"))
        }
    }

    private func makeCertificate(in folder: URL, _ arguments: String...) async throws -> ChildProcess.Exit {
        let process = try Paddler.start(["certificate", "localhost", "127.0.0.1", "--out", folder.path] + arguments)
        return try await process.waitUntilExit()
    }

    private func certificateFlags(_ folder: URL) -> [String] {
        ["reverseproxy", "management"].flatMap { listener in
            [
                "--\(listener)-tls-cert", folder.appending(path: "localhost.pem").path,
                "--\(listener)-tls-key", folder.appending(path: "localhost.key").path,
            ]
        }
    }

    private func withScene(_ arguments: [String] = [], _ body: (Scene) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            #expect(try await makeCertificate(in: folder) == .code(0))
            let balancer = try await Paddler.balancer(certificateFlags(folder) + arguments)
            let scene = Scene(balancer: balancer, folder: folder)
            var processes = [balancer.process]
            for number in 0..<2 {
                let server = try await FakeServer.start(slots: 2, arguments: ["--name", "fake-\(number)"])
                let own = ["--name", "agent-\(number)", "--local-llamacpp-addr", "127.0.0.1:\(server.port)"]
                processes += [server.process, try Paddler.start(["agent"] + own + scene.contact)]
            }
            do {
                try await eventually("both servers are seen", equals: 2) {
                    let table = try await scene.run(["dashboard", "--once"] + scene.contact).text
                    return table.split(separator: "\n").count { $0.contains("agent-") && $0.contains("usable") }
                }
                try await body(scene)
            } catch {
                for process in processes { try? await process.kill() }
                for line in balancer.process.lines.suffix(30) { print("balancer:", line) }
                throw error
            }
            for process in processes { try await process.kill() }
        }
    }

    @Test("the openai client and Python's own are served", .enabled(if: ClientScript.isAvailable))
    func clients() async throws {
        try await withScene { scene in
            try await ClientScript.run("tls_client.py", [scene.url, scene.authority])
        }
    }

    @Test("operators' commands reach the balancer, and are told when they speak plain HTTP, or don't trust it")
    func commands() async throws {
        try await withScene { scene in
            for command in [["drain", "agent-0"], ["undrain", "agent-0"], ["usage"]] {
                let (exit, text) = try await scene.run(command + scene.contact)
                #expect(exit == .code(0), "\(command): \(text)")
            }
            let plain = ["dashboard", "--once", "--management-addr", "localhost:\(scene.balancer.managementPort)"]
            let (exit, text) = try await scene.run(plain)
            #expect(exit == .code(1) && text.contains("this port speaks TLS"), "\(text)")
            let (distrust, reason) = try await scene.run(plain + ["--management-scheme", "https"])
            #expect(distrust == .code(1) && reason.contains("its certificate is not to be trusted"), "\(reason)")
        }
    }

    @Test("a certificate that is renewed is taken without a restart, and one that can't be used leaves it")
    func renewed() async throws {
        try await withScene { scene in
            let pair = ["pem", "key"].map { scene.folder.appending(path: "localhost.\($0)") }
            try Data("nothing\n".utf8).write(to: pair[1])
            let line = try await scene.balancer.process.waitForLine(containing: "the certificate in use stays")
            #expect(line.contains("localhost.key") && line.contains("no private key"))
            #expect(try await scene.run(["usage"] + scene.contact).exit == .code(0))

            #expect(try await makeCertificate(in: scene.folder, "--force") == .code(0))
            _ = try await scene.balancer.process.waitForLine(containing: "certificate read again")
            #expect(try await scene.run(["usage"] + scene.contact).exit == .code(0))
        }
    }

    @Test(
        "the dashboard in a browser, with a login, and a request from the page",
        .enabled(if: ClientScript.hasBrowser)
    )
    func dashboard() async throws {
        let enabled = "--management-dashboard-enable"
        try await withScene([enabled]) { scene in
            try await ClientScript.run("dashboard_client.py", [scene.managementURL, "healthy"])
        }
        try await withTemporaryFolder { folder in
            #expect(try await makeCertificate(in: folder) == .code(0))
            let flags = certificateFlags(folder) + [enabled, "--management-token", "right"]
            let balancer = try await Paddler.balancer(flags)
            try await ClientScript.run(
                "dashboard_client.py",
                ["https://localhost:\(balancer.managementPort)", "login"]
            )
            try await balancer.process.kill()
        }
    }

    @Test("a certificate that can't be used ends the process at its start, in one line")
    func unusable() async throws {
        try await withTemporaryFolder { folder in
            let process = try Paddler.start(["balancer", "--reverseproxy-port", "0"] + certificateFlags(folder))
            #expect(try await process.waitUntilExit() == .code(1))
            let path = folder.appending(path: "localhost.pem").path
            #expect(process.lines.last == "error: --reverseproxy-tls-cert: \(path): there is no such file")
        }
    }
}
