import ArgumentParser
import Foundation
import ManagementClient
import StubHTTPServer
import Testing

@testable import paddler

struct ExplanationTableTests {
    private static let servers = """
        {"agent_id":"1","agent_name":"gpu-1","external_llamacpp_addr":"10.0.0.1:8088","may_serve":true,"slots_idle":2,\
        "slots_total":4,"prompt_bytes_found":5120,"position":2},
        {"agent_id":"2","agent_name":null,"external_llamacpp_addr":"10.0.0.2:8088","may_serve":true,"slots_idle":0,\
        "slots_total":4,"prompt_bytes_found":0,"position":1,"obstacle":"no_idle_slot","why":"none of its slots is idle"}
        """

    private static let dispatched = """
        {"outcome":"dispatch","upstream":"10.0.0.1:8088","reason":"prompt;cached=5120;of=8000","model":"qwen",\
        "model_resolution":"any","slots":1,"prompt_bytes":8000,"upstreams":[\(servers)],"upstreams_total":3}
        """

    private func lines(_ json: String, width: Int? = nil) throws -> [String] {
        let document = try JSONDecoder().decode(ExplanationDocument.self, from: Data(json.utf8))
        let request = ExplainedRequest(path: "/v1/chat/completions", body: [])
        return ExplanationTable(document, request).lines(width: width)
    }

    @Test("it is a sentence, what was read, and a table")
    func table() throws {
        let lines = try lines(Self.dispatched)
        #expect(
            lines == [
                "It would go to gpu-1 (10.0.0.1:8088): it is idle and has most of its prompt (prompt;cached=5120;of=8000).",
                "It names the model qwen, and all servers serve one model; it takes one slot; 8000 bytes of prompt were read.",
                "",
                "   SERVER  ADDRESS          IDLE  CACHED  WHY NOT",
                ">  gpu-1   10.0.0.1:8088  2 of 4    5120",
                "   2       10.0.0.2:8088  0 of 4       -  none of its slots is idle",
                "and 1 more: see --limit",
            ]
        )
    }

    @Test("of a tenant it is told what it has, and for whom it waits")
    func tenant() throws {
        let share = #""name":"team-a","running":3,"max_running":3,"waiting":2,"max_waiting":null"#
        let atLimit = #"{\#(share),"is_at_max_running":true,"tenants_ahead":1}"#
        let queued = #""outcome":"queued","class":"batch","model_resolution":"any","ahead":6,"upstreams":[]"#
        let lines = try lines(#"{\#(queued),"tenant":\#(atLimit)}"#)
        #expect(
            lines[0] == "It would wait until a request of the tenant team-a ends: as many run as may; "
                + "6 requests at most are before it."
        )
        #expect(
            lines[2] == "It is of the tenant team-a, class batch; 3 of at most 3 of its requests run; 2 wait; "
                + "one other is next before it."
        )
    }

    @Test(
        "of an alias it is told which model it means now, and why none that comes before",
        arguments: [
            (#"{"model":"big","is_chosen":true},{"model":"small","is_chosen":false}"#, "an alias of big;"),
            (
                #"{"model":"big","is_chosen":false,"why":"none of its servers can be used"},{"model":"small","is_chosen":true}"#,
                "an alias of small, and not of big (none of its servers can be used);"
            ),
        ]
    )
    func aliases(models: String, mention: String) throws {
        let resolved = mention.contains("small") ? "small" : "big"
        let fields = #""outcome":"queued","model":"best","model_resolution":"alias","resolved_model":"\#(resolved)""#
        let lines = try lines(#"{\#(fields),"alias_models":[\#(models)],"upstreams":[]}"#)
        #expect(lines[1].contains(mention), "\(lines)")
    }

    @Test("lines of the table are no longer than the terminal is wide")
    func narrow() throws {
        let rows = try lines(Self.dispatched, width: 50).dropFirst(3)
        #expect(rows.allSatisfy { $0.count <= 50 })
        #expect(rows.contains { $0.hasSuffix("…") })
    }

    @Test(
        "what doesn't go anywhere is told, too",
        arguments: [
            (#""outcome":"queued","ahead":3,"expected_wait_seconds":1.25"#, "3 requests are before it; about 1.3 s"),
            (#""outcome":"reject","status":429,"message":"the queue is full""#, "refused with 429: the queue is full"),
            (
                #""outcome":"held","upstream":"a:1","held_at_most_seconds":4,"ahead":0"#,
                "wait for a:1, which is busy and has much more of its prompt than an idle server, for 4.0 s at most"
            ),
            (#""outcome":"postponed""#, "It would be: postponed"),
        ]
    )
    func others(fields: String, mention: String) throws {
        let lines = try lines(#"{\#(fields),"upstreams":[]}"#)
        #expect(lines[0].contains(mention), "\(lines)")
        #expect(lines.last == "There is no server.")
    }

    @Test("the body is read from a file and sent as it is, with what the flags say")
    func command() async throws {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "explain-\(UInt64.random(in: 0...(.max))).json"
        )
        try Data(#"{"prompt":"a"}"#.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await StubHTTPServer.with { _ in
            StubReply(200, Self.dispatched)
        } _: { server in
            var command = try Paddler.parseAsRoot([
                "explain", file.path, "--path", "/completion", "--session", "s", "--agent", "gpu-1", "--limit", "7",
                "--management-addr", "127.0.0.1:\(server.port)", "--management-token", "hush",
            ])
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.uri == "/api/v1/explain?path=%2Fcompletion&limit=7")
            #expect(request.headers["authorization"] == "Bearer hush")
            #expect(request.headers["x-session-id"] == "s")
            #expect(request.headers["x-paddler-agent"] == "gpu-1")
            #expect(request.headers["content-type"] == "application/json")
        }
    }

    @Test(
        "mistakes are usage errors",
        arguments: [
            (["explain", "a", "b"], "'b'"), (["explain", "--path", "completion"], "--path"),
            (["explain", "--limit", "0"], "--limit"), (["explain", "--session", ""], "--session"),
            (["explain", "--agent", "a\r\nb: c"], "--agent"),
        ]
    )
    func mistakes(arguments: [String], mention: String) throws {
        let error = try #require(throws: (any Error).self) { try Paddler.parseAsRoot(arguments) }
        #expect(Paddler.exitCode(for: error).rawValue == 64)
        #expect(Paddler.message(for: error).contains(mention))
    }
}
