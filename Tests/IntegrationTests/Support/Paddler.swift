import Foundation

/// The product, as its users start it.
enum Paddler {
    /// `paddler` with any arguments.
    static func start(_ arguments: [String], environment: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess(BuiltProducts.executable("paddler"), arguments, environment: environment)
    }

    /// An agent, of the program that the test is about, that watches the llama-server on that port and reports to balancers' management ports.
    static func agent(
        name: String,
        watching port: Int,
        reportingTo managementPorts: [Int],
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let balancers = managementPorts.flatMap { ["--management-addr", "127.0.0.1:\($0)"] }
        let own = ["--name", name, "--local-llamacpp-addr", "127.0.0.1:\(port)", "--log-format", "json"]
        return try AgentProgram.current.start(own + balancers + arguments, environment: environment)
    }

    /// A balancer that listens; the ports are the system's choice unless the arguments say which.
    static func balancer(
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> RunningBalancer {
        let ports = [("--reverseproxy-port", "0"), ("--management-port", "0")].flatMap { flag, port in
            arguments.contains(flag) ? [] : [flag, port]
        }
        let process = try start(["balancer", "--log-format", "json"] + ports + arguments, environment: environment)
        return RunningBalancer(
            process: process,
            port: try await port(of: "reverse_proxy", process),
            managementPort: try await port(of: "management", process)
        )
    }

    private struct Listening: Decodable {
        let address: String
    }

    fileprivate static func port(of listener: String, _ process: ChildProcess) async throws -> Int {
        // As it stands in the log: no key or value but these two can have this text.
        let line = try await process.waitForLine(containing: #""listener":"\#(listener)""#)
        let address = try JSONDecoder().decode(Listening.self, from: Data(line.utf8)).address
        guard let port = address.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw HarnessFailure(description: "no port in \(line)")
        }
        return port
    }
}

/// A balancer that a test started.
struct RunningBalancer: Sendable {
    /// What the reverse proxy's `/health` says.
    struct Health: Decodable, Equatable, Sendable {
        let status: String
        let slotsIdle: Int
        let slotsProcessing: Int

        enum CodingKeys: String, CodingKey {
            case status
            case slotsIdle = "slots_idle"
            case slotsProcessing = "slots_processing"
        }
    }

    let process: ChildProcess
    /// The reverse proxy's.
    let port: Int
    let managementPort: Int

    /// Where Envoys ask, if they may.
    func pickerPort() async throws -> Int { try await Paddler.port(of: "endpoint_picker", process) }

    func health() async throws -> Health {
        let reply = try await RawClient.exchange("GET", "/health", port: port)
        return try JSONDecoder().decode(Health.self, from: Data(reply.body))
    }

    func waitForIdleSlots(_ count: Int) async throws {
        try await eventually("idle slots of the balancer", equals: count) { try await health().slotsIdle }
    }
}
