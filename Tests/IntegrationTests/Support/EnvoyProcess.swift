import ArgumentParser
import Foundation

@testable import paddler

/// A real Envoy in a process of its own, configured as `paddler envoy-config` prints it.
struct EnvoyProcess: Sendable {
    let process: ChildProcess
    /// Where clients connect.
    let port: Int
    private let adminPort: Int

    /// Set by `make test`; without it, tests that need it are skipped.
    static var isAvailable: Bool { executable != nil }

    private static var executable: String? { ProcessInfo.processInfo.environment["ENVOY"] }

    /// What `paddler envoy-config` prints for a balancer's picker on this port.
    static func printed(picker: Int, _ arguments: [String] = []) throws -> String {
        let ports = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--picker-addr", "127.0.0.1:\(picker)"]
        return try EnvoyConfigCommand.parse(ports + arguments).configuration().text
    }

    static func start(_ configuration: String, in folder: URL) async throws -> EnvoyProcess {
        guard let executable else { throw HarnessFailure(description: "ENVOY isn't set: use make test") }
        let file = folder.appendingPathComponent("envoy.yaml")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        let admin = folder.appendingPathComponent("admin")
        // Envoy ends with the thread that has started it, and one of ours lives for five seconds without work.
        let process = try ChildProcess(
            "/bin/sh",
            [
                "-c", #""$@" & wait"#, "sh", executable,
                "-c", file.path, "--use-dynamic-base-id", "--concurrency", "1", "--admin-address-path", admin.path,
                "--log-level", "warning",
            ]
        )
        let adminPort = try await eventually("Envoy's admin page") { () -> Int in
            if let exit = process.exit {
                throw HarnessFailure(description: "Envoy: \(exit) \(process.lines.suffix(5))")
            }
            let address = try String(contentsOf: admin, encoding: .utf8)
            return address.split(separator: ":").last.flatMap { Int($0) } ?? 0
        } satisfies: {
            $0 > 0
        }
        let port = try await eventually("Envoy's listener") {
            try await listeners(adminPort).first { $0.name == "front" }?.port ?? 0
        } satisfies: {
            $0 > 0
        }
        // It has its port before it listens there: until its clusters are ready.
        try await eventually("a connection to Envoy") {
            await (try RawClient(port: port)).close()
            return true
        }
        return EnvoyProcess(process: process, port: port, adminPort: adminPort)
    }

    /// Once it has heard that the picker serves.
    func waitForPicker() async throws {
        try await eventually("Envoy's word on the picker's health") {
            let clusters = try await RawClient.exchange("GET", "/clusters", port: adminPort).text
            let lines = clusters.split(separator: "\n").filter { $0.hasPrefix("paddler::") }
            return lines.contains { $0.hasSuffix("::health_flags::healthy") }
        }
    }

    private struct Listeners: Decodable {
        struct Status: Decodable {
            struct Address: Decodable {
                struct Socket: Decodable {
                    let port_value: Int
                }

                let socket_address: Socket?
            }

            let name: String
            let local_address: Address?

            var port: Int? { local_address?.socket_address?.port_value }
        }

        let listener_statuses: [Status]
    }

    private static func listeners(_ port: Int) async throws -> [Listeners.Status] {
        let reply = try await RawClient.exchange("GET", "/listeners?format=json", port: port)
        return try JSONDecoder().decode(Listeners.self, from: Data(reply.body)).listener_statuses
    }

    // MARK: - Clients

    func exchange(
        _ method: String = "POST",
        _ path: String = "/v1/chat/completions",
        headers: [String: String] = [:],
        body: String? = "{}"
    ) async throws -> HTTPReply {
        try await RawClient.exchange(method, path, port: port, headers: headers, body: body)
    }

    /// A request that is sent and not waited for.
    func ask(headers: [String: String] = [:], body: String = "{}") async throws -> RawClient {
        let client = try RawClient(port: port)
        let request = RawClient.request("POST", "/v1/chat/completions", headers: headers, body: body)
        try await client.send(request)
        return client
    }
}

/// A fleet behind an Envoy that asks its balancer, for as long as the body runs.
///
/// When the body throws, the end of Envoy's log is printed.
func withEnvoy<Result>(
    servers: Int = 2,
    slots: Int = 2,
    models: [String] = [],
    serverArguments: [String] = [],
    balancerArguments: [String] = [],
    envoyArguments: [String] = [],
    configuration: ((Int) throws -> String)? = nil,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Fleet, EnvoyProcess) async throws -> Result
) async throws -> Result {
    try await withFleet(
        servers: servers,
        slots: slots,
        models: models,
        serverArguments: serverArguments,
        balancerArguments: ["--picker-addr", "127.0.0.1:0"] + balancerArguments
    ) { fleet in
        let picker = try await fleet.balancer.pickerPort()
        let text = try configuration?(picker) ?? EnvoyProcess.printed(picker: picker, envoyArguments)
        return try await withTemporaryFolder { folder in
            let envoy = try await EnvoyProcess.start(text, in: folder)
            do {
                if configuration == nil { try await envoy.waitForPicker() }
                let result = try await body(fleet, envoy)
                try await envoy.process.kill()
                return result
            } catch {
                try await envoy.process.kill()
                for line in envoy.process.lines.suffix(20) { print("envoy:", line) }
                throw error
            }
        }
    }
}
