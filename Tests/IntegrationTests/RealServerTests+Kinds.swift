import Testing

/// Servers of one model that were started for different work, or with contexts of different sizes.
extension RealServerTests {
    @Test("embeddings are computed by the server that was started for them, and chats go to the other one")
    func roles() async throws {
        try await withRealFleet(ownArguments: [[], ["--embeddings", "--pooling", "mean"]]) { fleet in
            for _ in 0..<4 {
                let embedding = try await served("/v1/embeddings", #"{"input":"a"}"#, fleet)
                #expect(embedding.status == 200)
                #expect(embedding["X-Paddler-Upstream"] == RealFleet.agentName(1))
                let chat = try await served(Chat.path, Self.chat("a"), fleet)
                #expect(chat.status == 200)
                #expect(chat["X-Paddler-Upstream"] == RealFleet.agentName(0))
            }
            let ranking = try await served("/v1/rerank", #"{"query":"a","documents":["b"]}"#, fleet)
            #expect(ranking.status == 501)
            #expect(ranking.text.contains("no llama.cpp server ranks documents; start one with --reranking"))
        }
    }

    @Test("a prompt that has room on one server alone goes there, and short ones go anywhere")
    func contexts() async throws {
        try await withRealFleet(ownArguments: [["-c", "2048"], ["-c", "16384"]]) { fleet in
            var short: Set<String> = []
            for number in 0..<3 {
                let long = String(repeating: "All \(number) of it. ", count: 450)
                let answer = try await served(Chat.path, Self.chat(long), fleet)
                #expect(answer.status == 200)
                #expect(answer["X-Paddler-Upstream"] == RealFleet.agentName(1))
                // The larger one is busier.
                let client = try RawClient(port: fleet.balancer.port)
                try await client.send(RawClient.request("POST", Chat.path, body: Self.chat(long, tokens: -1)))
                try await eventually("a long answer", equals: 1) { try await fleet.upstream(1).slotsLeased }
                let second = try await served(Chat.path, Self.chat("\(number)"), fleet)
                #expect(second.status == 200)
                short.insert(second["X-Paddler-Upstream"] ?? "")
                await client.close()
                try await fleet.waitUntilAtRest()
            }
            #expect(short.contains(RealFleet.agentName(0)))
        }
    }

    @Test(
        "a prompt of more tokens than it looked like is answered by the larger server, and too long for that by its 400"
    )
    func moreTokensThanThought() async throws {
        try await withRealFleet(ownArguments: [["-c", "2048"], ["-c", "16384"]]) { fleet in
            // Characters that no model has a token for: three for each, and not three quarters of one.
            let dense = String(repeating: "\u{A66E}\u{A4FF}\u{AA5F}", count: 300)
            let answer = try await served(Chat.path, Self.chat(dense), fleet)
            #expect(answer.status == 200)
            #expect(answer["X-Paddler-Upstream"] == RealFleet.agentName(1))
            try await fleet.waitUntilAtRest()
            let hopeless = try await served(Chat.path, Self.chat(String(repeating: dense, count: 8)), fleet)
            #expect(hopeless.status == 400)
            #expect(hopeless.text.contains("exceed_context_size_error"))
            #expect(hopeless["X-Paddler-Upstream"] == RealFleet.agentName(1))
            try await fleet.waitUntilAtRest()
        }
    }

    private static func chat(_ text: String, tokens: Int = 2) -> String {
        #"{"messages":[{"role":"user","content":"\#(text)"}],"max_tokens":\#(tokens)}"#
    }

    private func served(_ path: String, _ body: String, _ fleet: RealFleet) async throws -> HTTPReply {
        try await RawClient.exchange(
            "POST",
            path,
            port: fleet.balancer.port,
            headers: ["X-Paddler-Explain": "1", "Content-Type": "application/json"],
            body: body
        )
    }
}
