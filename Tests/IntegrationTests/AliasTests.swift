import Foundation
import Testing

@testable import FakeLlamaServer

/// What requests may call models besides their own names, by a file that changes.
@Suite("Aliases of models", .serialized)
final class AliasTests {
    private static let path = "/v1/chat/completions"

    private let file = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString).yaml")

    deinit {
        try? FileManager.default.removeItem(at: file)
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private var arguments: [String] { ["--models-file", file.path()] }

    /// The body as its server got it, and that server's name.
    private func echo(
        _ fleet: Fleet,
        _ body: String,
        _ path: String = path
    ) async throws -> (body: String, server: String?) {
        let reply = try await fleet.exchange("POST", path, headers: ["X-Fake-Echo": "1"], body: body)
        #expect(reply.status == 200)
        let received = reply.text.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? ""
        return (received, reply["X-Fake-Server"])
    }

    @Test("the server of the first model gets the request, and reads its own name at its place")
    func rewritten() async throws {
        try write("aliases:\n  gpt-4o: [beta, alpha]\n  \"a/b\": alpha\n")
        try await withFleet(models: ["alpha", "beta"], balancerArguments: arguments) { fleet in
            let chat = try await echo(fleet, #"{ "messages": [{"model":"gpt-4o"}], "model" : "gpt-4o", "n": 1 }"#)
            #expect(chat.body == #"{ "messages": [{"model":"gpt-4o"}], "model" : "beta", "n": 1 }"#)
            #expect(chat.server == "fake-1")
            let own = try await echo(fleet, #"{"model":"alpha"}"#)
            #expect(own.body == #"{"model":"alpha"}"# && own.server == "fake-0")
            let escaped = try await echo(fleet, #"{"model":"a\/b"}"#)
            #expect(escaped.body == #"{"model":"alpha"}"# && escaped.server == "fake-0")
            let slotless = try await echo(fleet, #"{"content":"x","model":"gpt-4o"}"#, "/tokenize")
            #expect(slotless.body == #"{"content":"x","model":"beta"}"# && slotless.server == "fake-1")
            let props = try await fleet.exchange("GET", "/props?model=gpt-4o")
            #expect(props.text.contains(#""model_alias":"beta""#))

            let unknown = try await fleet.exchange("POST", Self.path, body: #"{"model":"gamma"}"#)
            #expect(unknown.status == 404 && unknown.text.contains("'a/b', 'alpha', 'beta', 'gpt-4o'"))
        }
    }

    @Test("a request whose server dies goes on to the next model's, with that one's name")
    func fallsBackFromTheDead() async throws {
        try write("aliases:\n  gpt-4o: [beta, alpha]\nfallback-after: never\n")
        try await withFleet(slots: 1, models: ["alpha", "beta"], balancerArguments: arguments) { fleet in
            let holder = try await fleet.balancer.occupySlots(1, of: "beta")
            let client = try fleet.connect()
            let body = #"{"model":"gpt-4o"}"#
            try await client.send(RawClient.request("POST", Self.path, headers: ["X-Fake-Echo": "1"], body: body))
            try await fleet.balancer.waitUntilWaiting(1)
            try await fleet.servers[1].process.kill()
            let reply = try await client.reply()
            #expect(reply.status == 200 && reply["X-Fake-Server"] == "fake-0")
            #expect(reply.text.hasSuffix(#"{"model":"alpha"}"#))
            for client in holder { await client.close() }
            // What comes now doesn't wait.
            #expect(try await echo(fleet, body).server == "fake-0")
        }
    }

    @Test("a request that has waited long enough for a full model goes on to the next")
    func fallsBackFromTheFull() async throws {
        try write("aliases:\n  gpt-4o: [beta, alpha]\nfallback-after: 200ms\n")
        try await withFleet(slots: 1, models: ["alpha", "beta"], balancerArguments: arguments) { fleet in
            let holder = try await fleet.balancer.occupySlots(1, of: "beta")
            let reply = try await echo(fleet, #"{"model":"gpt-4o"}"#)
            #expect(reply.server == "fake-0" && reply.body == #"{"model":"alpha"}"#)
            for client in holder { await client.close() }
        }
    }

    @Test("a model's own limit refuses those who come beyond it, and says whose it is")
    func limit() async throws {
        try write("max-queued:\n  beta: 1\n")
        try await withFleet(slots: 1, models: ["alpha", "beta"], balancerArguments: arguments) { fleet in
            var clients = try await fleet.balancer.occupySlots(1, of: "beta")
            let waiting = try fleet.connect()
            try await waiting.send(RawClient.request("POST", Self.path, body: #"{"model":"beta"}"#))
            try await fleet.balancer.waitUntilWaiting(1)
            clients.append(waiting)
            let refused = try await fleet.exchange("POST", Self.path, body: #"{"model":"beta"}"#)
            #expect(refused.status == 429 && refused.failure?.message.contains("'beta'") == true)
            #expect(try await fleet.exchange("POST", Self.path, body: #"{"model":"alpha"}"#).status == 200)
            for client in clients { await client.close() }
        }
    }

    @Test("a file that changes counts, one with a mistake doesn't, and the log says why")
    func changes() async throws {
        try write("aliases:\n  gpt-4o: alpha\n")
        try await withFleet(models: ["alpha", "beta"], balancerArguments: arguments) { fleet in
            #expect(try await echo(fleet, #"{"model":"gpt-4o"}"#).server == "fake-0")
            try write("aliases:\n  gpt-4o: beta\n")
            _ = try await fleet.balancer.process.waitForLine(containing: "names of models read again")
            #expect(try await echo(fleet, #"{"model":"gpt-4o"}"#).server == "fake-1")
            try write("aliases:\n  gpt-4o: []\n")
            let line = try await fleet.balancer.process.waitForLine(containing: "names of models stay as they are")
            #expect(line.contains("line 2: aliases: gpt-4o: lists nothing"))
            #expect(try await echo(fleet, #"{"model":"gpt-4o"}"#).server == "fake-1")
            // Sixty lines that stand for more than any memory holds.
            let bomb = (1...60).map { "? &x\($0) [*x\($0 - 1), *x\($0 - 1)]\n: 1\n" }.joined()
            try write("? &x0 [a, a]\n: 1\n" + bomb)
            _ = try await fleet.balancer.process.waitForLine(containing: "line 3: *x0: references aren't taken")
            #expect(try await echo(fleet, #"{"model":"gpt-4o"}"#).server == "fake-1")
        }
    }

    @Test("an alias is listed as the first of its models that is served")
    func listed() async throws {
        try write("aliases:\n  gpt-4o: [gamma, beta]\n  nothing: gamma\n")
        try await withFleet(models: ["alpha", "beta"], balancerArguments: arguments) { fleet in
            struct List: Decodable {
                let data: [Entry]
                struct Entry: Decodable { let id: String; let owned_by: String; let meta: [String: Int] }
            }
            let reply = try await fleet.exchange("GET", "/v1/models")
            let list = try JSONDecoder().decode(List.self, from: Data(reply.body)).data
            #expect(Set(list.map(\.id)) == ["alpha", "beta", "gpt-4o"] && list.count == 3)
            #expect(list.allSatisfy { $0.owned_by == "llamacpp" && $0.meta["n_ctx"] == 4096 })
        }
    }

    @Test("a mistake at the start ends the program in one line")
    func mistake() async throws {
        try write("aliases:\n  a: [a]\n")
        let process = try ChildProcess(
            BuiltProducts.executable("paddler"),
            ["balancer", "--management-addr", "127.0.0.1:0", "--reverseproxy-addr", "127.0.0.1:0"] + arguments
        )
        _ = try await process.waitForLine(containing: "--models-file: \(file.path()): line 2: aliases: a: lists itself")
        try await process.waitUntilExit()
    }
}
