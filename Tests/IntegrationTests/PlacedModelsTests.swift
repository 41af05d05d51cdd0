import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// `paddler serve` with more models than there is memory for, each in a real llama-server.
@Suite(
    "Models in their turns",
    .serialized,
    .enabled(if: LlamaServerProcess.isAvailable && ProcessTable.isAvailable)
)
struct PlacedModelsTests {
    private static let names = ["a", "b", "c"]

    private func withThreeModels(_ body: (ServedModel) async throws -> Void) async throws {
        let variables = ProcessInfo.processInfo.environment
        let server = try #require(variables["LLAMA_SERVER"])
        let model = try #require(variables["TINY_MODEL"])
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("models.yaml")
            let models = Self.names.map { name in
                """
                  - name: \(name)
                    model: \(model)
                    arguments: \((ServedModel.tiny + Chat.needs).joined(separator: " "))
                    memory: 400MB
                """
            }
            try "memory: 1GB\nmodels:\n\(models.joined(separator: "\n"))\n"
                .write(to: file, atomically: true, encoding: .utf8)
            let process = try Paddler.start([
                "serve", "--config", file.path, "--llama-server", server, "--reverseproxy-port", "0",
                "--management-port", "0", "--admin-endpoints-enable",
            ])
            do {
                try await body(try await ServedModel.start(process))
                try await process.kill()
            } catch {
                try await process.kill()
                for line in process.lines.suffix(60) { print("paddler serve: \(line)") }
                throw error
            }
        }
    }

    private func ask(_ model: String, _ served: ServedModel) async throws -> HTTPReply {
        try await RawClient.exchange(
            "POST",
            Chat.path,
            port: served.balancer.port,
            body: Chat.short.body.replacing("{\"messages\"", with: "{\"model\":\"\(model)\",\"messages\""),
            within: .seconds(60)
        )
    }

    /// What clients are told of each model.
    private func states(_ served: ServedModel) async throws -> [String: String] {
        struct Models: Decodable {
            struct Model: Decodable {
                struct Status: Decodable { let value: String }

                let id: String
                let status: Status?
            }

            let data: [Model]
        }
        let reply = try await RawClient.exchange("GET", "/v1/models", port: served.balancer.port)
        let models = try JSONDecoder().decode(Models.self, from: Data(reply.body))
        return Dictionary(models.data.map { ($0.id, $0.status?.value ?? "") }) { first, _ in first }
    }

    private func servers(_ served: ServedModel) -> [pid_t] {
        ProcessTable.descendants(of: served.process.pid).filter { $0.command.contains("llama-server.py") }.map(\.pid)
    }

    @Test("a request has its model loaded, in the place of what nobody uses; what is loaded is told and can be changed")
    func inTurns() async throws {
        try await withThreeModels { served in
            #expect(try await states(served) == ["a": "unloaded", "b": "unloaded", "c": "unloaded"])
            for model in ["a", "b", "c", "a"] {
                let reply = try await ask(model, served)
                #expect(reply.status == 200)
                #expect(servers(served).count <= 2)
            }
            let now = try await states(served)
            #expect(now["a"] == "loaded" && now.values.count { $0 == "loaded" } == 2)

            let gone = try #require(now.first { $0.value == "unloaded" }?.key)
            let load = try await RawClient.exchange(
                "POST",
                "/models/load",
                port: served.balancer.port,
                body: #"{"model":"\#(gone)"}"#
            )
            #expect(load.status == 200 && load.text == #"{"success":true}"#)
            try await eventually("the model", { try await states(served)[gone] }, satisfies: { $0 == "loaded" })
            let unload = try await RawClient.exchange(
                "POST",
                "/models/unload",
                port: served.balancer.port,
                body: #"{"model":"\#(gone)"}"#
            )
            #expect(unload.status == 200)
            try await eventually("no model", { try await states(served)[gone] }, satisfies: { $0 == "unloaded" })

            let children = ProcessTable.descendants(of: served.process.pid).map(\.pid)
            served.process.signal(SIGINT)
            #expect(try await served.process.waitUntilExit() == .code(0))
            #expect(children.filter(ProcessTable.isRunning).isEmpty)
        }
    }

    @Test("in a rush for all of them every answer is whole, whoever leaves meanwhile")
    func rush() async throws {
        try await withThreeModels { served in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<30 {
                    let model = Self.names[number % 10 < 6 ? 0 : number % 10 < 9 ? 1 : 2]
                    group.addTask { try await ask(model, served).status }
                    if number % 5 == 0 {
                        let body = Chat.endless.body.replacing(
                            "{\"messages\"",
                            with: "{\"model\":\"\(model)\",\"messages\""
                        )
                        let leaver = try RawClient(port: served.balancer.port)
                        try await leaver.send(RawClient.request("POST", Chat.path, body: body))
                        await leaver.close()
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.count == 30 && statuses.allSatisfy { $0 == 200 })
            #expect(!served.process.lines.contains { $0.contains(" ERROR ") })
        }
    }
}
