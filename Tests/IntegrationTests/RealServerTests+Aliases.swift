import Foundation
import Testing

/// Names that an operator gives to models, and real servers that know nothing of them.
extension RealServerTests {
    @Test(
        "an alias is answered by its first model under that one's name, and by the next when that one's server is gone"
    )
    func aliases() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("aliases:\n  gpt-4o: [big, small]\nfallback-after: never\n".utf8).write(to: file)
        try await withRealFleet(
            ownArguments: [["--alias", "big"], ["--alias", "small"]],
            balancerArguments: ["--models-file", file.path()]
        ) { fleet in
            let port = fleet.balancer.port
            for path in ["/v1/chat/completions", "/v1/completions"] {
                let first = try await askAlias(path, fleet)
                // The server says the name that it read.
                #expect(first.model == "big" && first.agent == RealFleet.agentName(0))
            }
            let slotless = try await RawClient.exchange(
                "POST",
                "/tokenize",
                port: port,
                body: #"{"content":"a","model":"gpt-4o"}"#
            )
            #expect(slotless.status == 200)
            let list = try await RawClient.exchange("GET", "/v1/models", port: port).text
            for name in ["big", "small", "gpt-4o"] { #expect(list.contains(#""id":"\#(name)""#)) }
            let own = try await RawClient.exchange("GET", "/props?model=gpt-4o", port: port)
            #expect(own.text.contains(#""model_alias":"big""#))

            // Both of its slots are taken, one waits for it, and its server dies.
            let holders = try await holdSlots(2, of: "big", fleet)
            async let waiting = askAlias("/v1/chat/completions", fleet)
            try await fleet.balancer.waitUntilWaiting(1)
            try await fleet.servers[0].process.kill()
            let moved = try await waiting
            #expect(moved.model == "small" && moved.agent == RealFleet.agentName(1))
            for client in holders { await client.close() }

            // What comes now doesn't wait, and can be asked why.
            try await eventually("the alias's first model to be of no use", equals: [false, true]) {
                try await explainAlias(fleet).alias_models.map(\.is_chosen)
            }
            let told = try await explainAlias(fleet)
            #expect(told.model_resolution == "alias" && told.resolved_model == "small")
            #expect(told.alias_models.map(\.obstacle) == ["no_usable_server", nil])
            let second = try await askAlias("/v1/chat/completions", fleet)
            #expect(second.model == "small" && second.agent == RealFleet.agentName(1))
        }
    }

    private struct Explained: Decodable {
        struct Model: Decodable { let is_chosen: Bool; let obstacle: String? }
        let model_resolution: String
        let resolved_model: String?
        let alias_models: [Model]
    }

    private func explainAlias(_ fleet: RealFleet) async throws -> Explained {
        let port = fleet.balancer.managementPort
        let reply = try await RawClient.exchange("POST", "/api/v1/explain", port: port, body: #"{"model":"gpt-4o"}"#)
        return try JSONDecoder().decode(Explained.self, from: Data(reply.body))
    }

    private func askAlias(_ path: String, _ fleet: RealFleet) async throws -> (model: String, agent: String?) {
        struct Answer: Decodable { let model: String }
        let body = #"{"model":"gpt-4o","prompt":"a","messages":[{"role":"user","content":"a"}],"max_tokens":2}"#
        let headers = ["X-Paddler-Explain": "1"]
        let reply = try await RawClient.exchange("POST", path, port: fleet.balancer.port, headers: headers, body: body)
        #expect(reply.status == 200, "\(reply.text)")
        return (try JSONDecoder().decode(Answer.self, from: Data(reply.body)).model, reply["X-Paddler-Upstream"])
    }

    private func holdSlots(_ count: Int, of model: String, _ fleet: RealFleet) async throws -> [RawClient] {
        let body = #"{"model":"\#(model)","messages":[{"role":"user","content":"a"}],"max_tokens":-1,"stream":true}"#
        var clients: [RawClient] = []
        for _ in 0..<count {
            let client = try RawClient(port: fleet.balancer.port)
            try await client.send(RawClient.request("POST", "/v1/chat/completions", body: body))
            clients.append(client)
        }
        try await eventually("slots of \(model) in use", equals: count) { try await fleet.upstream(0).slotsLeased }
        return clients
    }
}
