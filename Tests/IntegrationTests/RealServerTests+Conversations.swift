import Foundation
import Testing

/// Answers that go on without their clients, at one of two servers.
extension RealServerTests {
    @Test("an answer whose client has left is found again at its server, read from its start, and ended")
    func resumedAnswer() async throws {
        try await withRealFleet { fleet in
            // So that not all is at the first of equals.
            let other = try await EndlessStream(port: fleet.balancer.port)
            let client = try RawClient(port: fleet.balancer.port)
            let request = RawClient.request(
                "POST",
                Chat.path,
                headers: ["X-Conversation-Id": "c-1"],
                body: Chat.endlessStream.body
            )
            try await client.send(request)
            try await eventually("leases", equals: 2) { try await fleet.slotsInUse() }
            await client.close()

            let question = #"{"conversation_ids":["c-1","c-2"]}"#
            try await eventually("the conversation in the list", equals: ["c-1"]) {
                try await fleet.conversations(question)
            }
            // It is nobody's any more, and runs.
            try await eventually("slots in use", equals: 2) { try await fleet.slotsInUse() }

            let again = try RawClient(port: fleet.balancer.port)
            try await again.send(RawClient.request("GET", "/v1/stream?conv_id=c-1&from=0"))
            let text = try await again.read(until: "\n\n")
            #expect(text.contains("X-Paddler-Upstream: agent-"))
            await again.close()

            let path = "/v1/stream?conv_id=c-1"
            let ended = try await RawClient.exchange("DELETE", path, port: fleet.balancer.port)
            #expect(ended.status == 204)
            await other.leave()
            try await fleet.waitUntilAtRest()
            #expect(try await RawClient.exchange("GET", path, port: fleet.balancer.port).status == 404)
        }
    }

    @Test("each of two servers says how it is, by name, and all are told their adapters")
    func namedServers() async throws {
        try await withRealFleet(
            balancerArguments: ["--slots-endpoint-enable", "--admin-endpoints-enable"]
        ) { fleet in
            for name in ["agent-0", "agent-1"] {
                for path in ["/slots", "/props", "/lora-adapters"] {
                    let reply = try await RawClient.exchange(
                        "GET",
                        path,
                        port: fleet.balancer.port,
                        headers: ["X-Paddler-Agent": name]
                    )
                    #expect(reply.status == 200)
                    #expect(reply["X-Paddler-Upstream"] == name)
                }
                let body = #"{"prompt":"Hello","n_predict":2,"id_slot":1}"#
                let reply = try await RawClient.exchange(
                    "POST",
                    "/completion",
                    port: fleet.balancer.port,
                    headers: ["X-Paddler-Agent": name],
                    body: body
                )
                #expect(reply.text.contains(#""id_slot":1"#))
                #expect(reply["X-Paddler-Upstream"] == name)
            }
            let port = fleet.balancer.port
            let adapters = try await RawClient.exchange("POST", "/lora-adapters", port: port, body: "[]")
            #expect(adapters.text == #"{"success":true}"#)
            let control = try await RawClient.exchange(
                "POST",
                "/v1/chat/completions/control",
                port: port,
                body: #"{"id":"chatcmpl-none","action":"reasoning_end"}"#
            )
            #expect(control.status == 200)
            #expect(control.text.contains(#""success":false"#))
        }
    }
}

extension RealFleet {
    fileprivate func slotsInUse() async throws -> Int {
        try await balancer.upstreams().reduce(0) { $0 + $1.slotsLeased + $1.slotsCooling + $1.slotsForeign }
    }

    /// Those that a lookup lists.
    fileprivate func conversations(_ question: String) async throws -> [String] {
        struct Entry: Decodable { let conversation_id: String }
        let reply = try await RawClient.exchange("POST", "/v1/streams/lookup", port: balancer.port, body: question)
        return try JSONDecoder().decode([Entry].self, from: Data(reply.body)).map(\.conversation_id)
    }
}
