import LlamaServer
import NIOCore
import Scheduling
import Testing

@testable import AccessControl
@testable import ReverseProxy

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

@Suite("Tenants", .timeLimit(.minutes(1)))
struct TenantTests {
    private static func directory(_ tenants: String) throws -> TenantDirectory {
        var numbers = TenantNumbers()
        return try TenantsFileText(Array("tenants:\n\(tenants)\n".utf8), &numbers).directory
    }

    private func withTenants(
        _ tenants: String,
        slots: [Int] = [1],
        _ configure: (inout TestProxy.Options) -> Void = { _ in },
        _ body: (TestProxy, TenantRing) async throws -> Void
    ) async throws {
        let ring = TenantRing(try Self.directory(tenants))
        try await withProxy(slots: slots) {
            $0.proxy.tenants = ring
            configure(&$0)
        } _: { proxy in
            try await body(proxy, ring)
        }
    }

    private static func request(
        _ body: String = "{}",
        key: String = "k",
        fields: [String] = [],
        path: String = "/v1/chat/completions"
    ) -> String {
        HTTP.completion(body, fields: ["Authorization: Bearer \(key)"] + fields, path: path)
    }

    /// The answer to a request that is served.
    private func served(_ proxy: TestProxy, _ request: String, _ answer: String = HTTP.answer()) async throws -> Message
    {
        let (client, upstream) = try await proxy.ask(request)
        try await upstream.send(answer)
        let message = try await client.readMessage()
        await client.close()
        await upstream.close()
        try await proxy.untilIdle()
        return message
    }

    private func refused(_ proxy: TestProxy, _ request: String) async throws -> Message {
        let client = try await proxy.client(sending: request)
        return try await client.readMessage()
    }

    // MARK: - Keys

    @Test("who has a tenant's key is let in, or one that is given otherwise, and nobody else")
    func keys() async throws {
        try await withTenants("  a: {keys: k}") {
            $0.proxy.clientKeys = KeyRing(KeySet(["old"]), isClosed: true)
        } _: { proxy, _ in
            for key in ["k", "old"] { #expect(try await served(proxy, Self.request(key: key)).status == 200) }
            for key in ["wrong", "a", ""] {
                let answer = try await refused(proxy, Self.request(key: key))
                #expect(answer.status == 401 && answer["WWW-Authenticate"] == ["Bearer"])
            }
        }
    }

    @Test("without any other keys, none but tenants' open the door")
    func tenantsAlone() async throws {
        try await withTenants("  a: {keys: k}") { proxy, _ in
            let stranger = try await refused(proxy, HTTP.completion())
            #expect(stranger.status == 401)
            for field in ["X-Api-Key: k", "Authorization: k"] {
                #expect(try await served(proxy, HTTP.completion(fields: [field])).status == 200)
            }
        }
    }

    @Test("a key that is taken away lets nobody in any more, and what runs goes on")
    func removed() async throws {
        try await withTenants("  a: {keys: k}", slots: [2]) { proxy, ring in
            let (client, upstream) = try await proxy.ask(Self.request())
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            ring.replace(try Self.directory("  b: {keys: new}"))
            #expect(try await refused(proxy, Self.request()).status == 401)
            try await upstream.send(HTTP.chunk("data: 2\n\n") + HTTP.lastChunk)
            #expect(try await client.read(through: HTTP.lastChunk).contains("data: 2"))
        }
    }

    @Test("after a tenant's last day, its key says so")
    func over() async throws {
        try await withTenants("  a: {keys: k, until: 2020-02-29}\n  b: {keys: l, until: 9999-12-31}") { proxy, _ in
            let answer = try await refused(proxy, Self.request())
            #expect(answer.status == 401 && answer.body.contains("the last day of the tenant 'a' was 2020-02-29 (UTC)"))
            #expect(try await served(proxy, Self.request(key: "l")).status == 200)
        }
    }

    // MARK: - Models

    @Test("a model that a tenant may not use is refused, and one that it may use is served")
    func models() async throws {
        try await withTenants("  a: {keys: k, models: [alpha, \"b*\"]}", slots: [1, 1]) { proxy, _ in
            proxy.serve(["alpha", "gamma"])
            #expect(try await served(proxy, Self.request(#"{"model":"alpha"}"#)).status == 200)
            let forbidden = try await refused(proxy, Self.request(#"{"model":"gamma"}"#))
            #expect(forbidden.status == 403 && forbidden.body.contains("permission_error"))
            #expect(forbidden.body.contains("the tenant 'a' may not use the model 'gamma'"))
            let tokenized = try await refused(proxy, Self.request(#"{"model":"gamma"}"#, path: "/tokenize"))
            #expect(tokenized.status == 403)
            // Who may not use a model isn't told of it.
            let unknown = try await refused(proxy, Self.request(#"{"model":"beta"}"#))
            #expect(unknown.status == 404 && unknown.body.contains("'alpha'") && !unknown.body.contains("gamma"))
            let unnamed = try await refused(proxy, Self.request())
            #expect(unnamed.status == 400 && unnamed.body.contains("names no model"))
        }
    }

    @Test("the only model isn't had by the name of another")
    func onlyModel() async throws {
        try await withTenants("  a: {keys: k, models: [alpha]}\n  b: {keys: l}") { proxy, _ in
            proxy.serve(["gamma"])
            let unknown = try await refused(proxy, Self.request(#"{"model":"alpha"}"#))
            #expect(unknown.status == 404 && unknown.body.contains("serves the model 'alpha'\""))
            #expect(try await served(proxy, Self.request(#"{"model":"alpha"}"#, key: "l")).status == 200)
            proxy.serve(["alpha"])
            #expect(try await served(proxy, Self.request(#"{"model":"alpha"}"#)).status == 200)
        }
    }

    @Test("nor by waiting until only the other is left")
    func lastModel() async throws {
        try await withTenants("  a: {keys: k, models: [alpha]}\n  b: {keys: l}", slots: [1, 1]) { proxy, _ in
            proxy.serve(["alpha", "gamma"])
            let (first, upstream) = try await proxy.ask(Self.request(#"{"model":"alpha"}"#))
            let client = try await proxy.client(sending: Self.request(#"{"model":"alpha"}"#))
            try await proxy.until("queued") { $0.queued == 1 }
            proxy.serve(["gamma", "gamma"])
            let answer = try await client.readMessage()
            #expect(answer.status == 404 && answer.body.contains("no llama.cpp server serves the model 'alpha'"))
            try await upstream.send(HTTP.answer())
            #expect(try await first.readMessage().status == 200)
            await first.close()
            await client.close()
            await upstream.close()
            try await proxy.untilIdle()
        }
    }

    @Test("a server without a tenant's models isn't reached by its name either")
    func namedServer() async throws {
        try await withTenants("  a: {keys: k, models: [alpha]}", slots: [1, 1]) { proxy, _ in
            proxy.serve(["alpha", "gamma"])
            let other = "X-Paddler-Agent: \(proxy.upstreams[1].address)"
            let answer = try await refused(proxy, Self.request(#"{"model":"alpha"}"#, fields: [other]))
            #expect(answer.status == 403 && answer.body.contains("serves no model that the tenant 'a' may use"))
            let own = "X-Paddler-Agent: \(proxy.upstreams[0].address)"
            #expect(try await served(proxy, Self.request(#"{"model":"alpha"}"#, fields: [own])).status == 200)
        }
    }

    @Test(
        "another model isn't reached by what a server reads elsewhere, or in another way",
        arguments: [
            "/props?model=alpha&model=gamma", "/props?mod%65l=gamma", "/props?model=gamma&model=alpha",
            "/v1/models?model=gamma", "/props?x&model=ga%6dma",
        ]
    )
    func query(target: String) async throws {
        try await withTenants("  a: {keys: k, models: [alpha]}", slots: [1, 1]) { proxy, _ in
            proxy.serve(["alpha", "gamma"])
            let answer = try await refused(proxy, HTTP.get(target, fields: ["X-Api-Key: k"]))
            #expect(answer.status == 403 && answer.body.contains("may not use the model 'gamma'"))
        }
    }

    @Test("nor by the body of a request that reads, which nobody else looks into")
    func readingWithBody() async throws {
        try await withTenants("  a: {keys: k, models: [alpha]}\n  b: {keys: l}", slots: [1, 1]) { proxy, _ in
            proxy.serve(["alpha", "gamma"])
            let fields = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\nmodel=gamma"
            let request = "GET /props?model=alpha HTTP/1.1\r\nHost: a\r\n"
            let answer = try await refused(proxy, request + "X-Api-Key: k\r\n" + fields)
            #expect(answer.status == 400 && answer.body.contains("must have no body"))
            #expect(try await served(proxy, request + "X-Api-Key: l\r\n" + fields).status == 200)
        }
    }

    @Test(
        "nor by a form that another reader could take for one of that model",
        arguments: [
            // Neither says which: the first is read here, and the second by llama-server.
            ("", "X-A: name=\"model\"\r\n", "name = \"model\""),
            ("--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nalpha\r\n", "", "name=\"model\""),
            ("{\"model\":\"alpha\"}\r\n", "", "name=\"model\""),
        ]
    )
    func form(preamble: String, extra: String, spelled: String) async throws {
        try await withTenants("  a: {keys: k, models: [alpha]}", slots: [1, 1]) { proxy, _ in
            proxy.serve(["alpha", "gamma"])
            let body =
                preamble
                + "--b\r\n\(extra)Content-Disposition: form-data; name=\"x\"\r\n\r\nalpha\r\n"
                + "--b\r\nContent-Disposition: form-data; \(spelled)\r\n\r\ngamma\r\n--b--\r\n"
            let type = "Content-Type: multipart/form-data; boundary=b"
            let answer = try await refused(proxy, Self.request(body, fields: [type]))
            #expect(answer.status == 400 && answer.body.contains("which model this form is for"))
            let clear = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nalpha\r\n--b--\r\n"
            #expect(try await served(proxy, Self.request(clear, fields: [type])).status == 200)
        }
    }

    @Test(
        "models are listed that a tenant may use, whatever it asks with",
        arguments: ["/v1/models", "/models", "/api/tags"],
        [1, 2]
    )
    func listed(path: String, servers: Int) async throws {
        try await withTenants("  a: {keys: k, models: [alpha]}", slots: Array(repeating: 1, count: servers)) {
            proxy,
            _ in
            proxy.serve(Array(["alpha", "gamma"].prefix(servers)))
            let client = try await proxy.client(sending: HTTP.get(path, fields: ["X-Api-Key: k"]))
            for upstream in proxy.upstreams {
                let connection = try await upstream.accept()
                _ = try await connection.readMessage()
                let list = #"{"data":[{"id":"alpha"},{"id":"gamma"}],"models":[{"name":"gamma"},{"name":"alpha"}]}"#
                try await connection.send(HTTP.answer(list))
            }
            let answer = try await client.readMessage()
            #expect(answer.status == 200 && answer.body.contains("alpha") && !answer.body.contains("gamma"))
            let withBody = "GET \(path) HTTP/1.1\r\nHost: a\r\nX-Api-Key: k\r\nContent-Length: 1\r\n\r\nx"
            #expect(try await refused(proxy, withBody).status == 400)
        }
    }

    @Test("the web UI is told of a model that its user may use, and to name it", arguments: ["al*", "other-name"])
    func properties(pattern: String) async throws {
        try await withTenants("  a: {keys: k, models: [\"\(pattern)\"]}", slots: [1, 1]) { proxy, _ in
            var rules = ModelRules()
            rules.aliases = ["other-name": ["alpha"]]
            proxy.dispatcher.setModelRules(rules)
            // The first by the alphabet is somebody else's.
            proxy.serve(["alpha", "aaa"])
            for path in ["/props", "/props?autoload=false"] {
                let client = try await proxy.client(sending: HTTP.get(path, fields: ["X-Api-Key: k"]))
                let upstream = try await proxy.upstreams[0].accept()
                #expect(try await upstream.readMessage().startLine == "GET /props HTTP/1.1")
                try await upstream.send(HTTP.answer(#"{"model_path":"alpha.gguf"}"#))
                let answer = try await client.readMessage()
                #expect(answer.body == #"{"role":"router","model_path":"alpha.gguf"}"#)
            }
            for path in ["/props?model=aaa", "/tokenize?model=aaa"] {
                let forbidden = try await refused(proxy, HTTP.get(path, fields: ["X-Api-Key: k"]))
                #expect(forbidden.status == 403 && !forbidden.body.contains("model_path"))
            }
            let withBody = "GET /props HTTP/1.1\r\nHost: a\r\nX-Api-Key: k\r\nContent-Length: 1\r\n\r\nx"
            #expect(try await refused(proxy, withBody).status == 400)
        }
    }

    @Test(
        "what names no model goes to a server of one that its tenant may use",
        arguments: ["GET /lora-adapters", "POST /tokenize"]
    )
    func modelFound(line: String) async throws {
        try await withTenants("  a: {keys: k, models: [beta]}", slots: [1, 1]) { proxy, _ in
            proxy.serve(["alpha", "beta"])
            for _ in 0..<2 {
                let text = "\(line) HTTP/1.1\r\nHost: a\r\nX-Api-Key: k\r\nContent-Length: 0\r\n\r\n"
                let client = try await proxy.client(sending: text)
                let upstream = try await proxy.upstreams[1].accept()
                _ = try await upstream.readMessage()
                try await upstream.send(HTTP.answer("of beta", fields: ["Connection: close"]))
                #expect(try await client.readMessage().body == "of beta")
            }
        }
    }

    @Test(
        "where none of a tenant's models is served, it gets the web UI's pages, and is told nothing of others",
        arguments: [1, 2]
    )
    func noneServed(servers: Int) async throws {
        try await withTenants("  a: {keys: k, models: [zeta]}", slots: Array(repeating: 1, count: servers)) {
            proxy,
            _ in
            proxy.serve(Array(["alpha", "beta"].prefix(servers)))
            for path in ["/props", "/lora-adapters"] {
                let answer = try await refused(proxy, HTTP.get(path, fields: ["X-Api-Key: k"]))
                #expect(answer.status == 404 && answer.body.contains("model_not_found"))
                #expect(answer.body.contains("no llama.cpp server serves a model that the tenant 'a' may use"))
            }
            let client = try await proxy.client(sending: HTTP.get("/", fields: ["X-Api-Key: k"]))
            let upstream = try await proxy.upstreams[0].accept()
            try await upstream.send(HTTP.answer("page"))
            #expect(try await client.readMessage().body == "page")
        }
    }

    @Test(
        "what would become of a tenant's request is told in the words that its client gets",
        arguments: [
            (#"{"model":"gamma"}"#, nil, nil), (#"{"model":"beta"}"#, nil, nil), ("{}", nil, nil),
            (#"{"model":"alpha"}"#, "interactive", nil), (#"{"model":"alpha"}"#, "urgent", nil),
            (#"{"model":"alpha"}"#, nil, 1), (#"{"model":"alpha"}"#, "batch", nil),
        ] as [(String, String?, Int?)]
    )
    func explained(body: String, className: String?, server: Int?) async throws {
        try await withTenants("  a: {keys: k, models: [alpha, beta], max-running: 1, max-waiting: 0}", slots: [1, 1]) {
            proxy,
            ring in
            proxy.serve(["alpha", "gamma"])
            let (busy, upstream) = try await proxy.ask(Self.request(#"{"model":"alpha"}"#))
            let agent = server.map { "\(proxy.upstreams[$0].address)" }
            let fields = [className.map { "X-Paddler-Class: \($0)" }, agent.map { "X-Paddler-Agent: \($0)" }]
            let answer = try await refused(proxy, Self.request(body, fields: fields.compactMap(\.self)))
            let asked = AskedRequest(path: "/v1/chat/completions", body: Array(body.utf8), agent: agent)
            let asker = Asker(
                tenant: ring.current.tenant(named: "a"),
                classes: ring.current.classes,
                requestedClass: className
            )
            guard case .refused(let status, let words)? = proxy.dispatcher.explain(asked, of: asker, limit: 1)?.outcome
            else {
                Issue.record("it is let through")
                return
            }
            #expect(status == answer.status && status >= 400)
            #expect(answer.body.contains(words))
            try await upstream.send(HTTP.answer())
            #expect(try await busy.readMessage().status == 200)
        }
    }

    // MARK: - Limits

    @Test("a request that may not wait costs its tenant nothing of what it may ask for in a minute")
    func refusedForFree() async throws {
        let limits = "max-waiting: 0, requests-per-minute: 2, tokens-per-minute: 600, tokens-per-day: 900"
        try await withTenants("  a: {keys: k, \(limits)}") { proxy, _ in
            let request = Self.request(#"{"max_tokens":290}"#)
            let (client, upstream) = try await proxy.ask(request)
            for _ in 0..<3 {
                let answer = try await refused(proxy, request)
                #expect(answer.status == 429 && answer.body.contains("none of your requests may wait"))
                #expect(answer["x-ratelimit-remaining-requests"] != ["0"])
            }
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
            await upstream.close()
            await client.close()
            try await proxy.untilIdle()
            #expect(try await served(proxy, request).status == 200)
        }
    }

    @Test("requests beyond a minute's are refused with when to come again, and other tenants' aren't")
    func requestsPerMinute() async throws {
        try await withTenants("  a: {keys: k, requests-per-minute: 2}\n  b: {keys: l}") { proxy, _ in
            for left in [1, 0] {
                let answer = try await served(proxy, Self.request())
                #expect(answer.status == 200 && answer["x-ratelimit-limit-requests"] == ["2"])
                #expect(answer["x-ratelimit-remaining-requests"] == ["\(left)"])
                #expect(answer["x-ratelimit-reset-requests"].first?.hasSuffix("s") == true)
                #expect(answer["x-ratelimit-limit-tokens"].isEmpty)
            }
            let answer = try await refused(proxy, Self.request())
            #expect(answer.status == 429 && answer.body.contains("rate_limit_error"))
            #expect(answer.body.contains("the tenant 'a' may ask for no more than 2 requests a minute; try again in "))
            let wait = try #require(answer["Retry-After"].first.flatMap(Int.init))
            #expect(1...30 ~= wait && answer["x-ratelimit-remaining-requests"] == ["0"])
            let other = try await served(proxy, Self.request(key: "l"))
            #expect(other.status == 200 && other["x-ratelimit-limit-requests"].isEmpty)
        }
    }

    /// Before 00:00 UTC a day's budget would be new in the middle of the test.
    private static var isNearMidnight: Bool { time(nil) % 86_400 > 86_280 }

    private static func left(_ message: Message) -> Int? {
        message["x-ratelimit-remaining-tokens"].first.flatMap(Int.init)
    }

    private static func answer(prompt: Int, generated: Int) -> String {
        HTTP.answer(#"{"usage":{"completion_tokens":\#(generated),"prompt_tokens":\#(prompt),"total_tokens":0}}"#)
    }

    @Test("tokens are taken by an estimate, and corrected by what the answer says", .enabled(if: !isNearMidnight))
    func tokens() async throws {
        try await withTenants("  a: {keys: k, tokens-per-day: 1000}") { proxy, _ in
            let body = #"{"max_tokens":400,"prompt":"\#(String(repeating: "a", count: 400 - 30))"}"#
            #expect(body.utf8.count == 400)
            let first = try await served(proxy, Self.request(body), Self.answer(prompt: 30, generated: 20))
            #expect(Self.left(first) == 500 && first["x-ratelimit-limit-tokens"] == ["1000"])
            let second = try await served(proxy, Self.request(body), Self.answer(prompt: 250, generated: 250))
            #expect(Self.left(second) == 450)
            let refused = try await refused(proxy, Self.request(body))
            #expect(
                refused.status == 429 && refused.body.contains("1000 tokens a day, which are there again at 00:00 UTC")
            )
            #expect(Self.left(refused) == 450)
            // What no server has answered costs nothing, and what says nothing of its tokens what was estimated.
            let failed = try await served(proxy, Self.request("{}"), HTTP.answer("{}", status: "400 Bad Request"))
            #expect(Self.left(failed) == 449)
            let silent = try await served(proxy, Self.request("{}"))
            #expect(Self.left(silent) == 449)
            let last = try await served(proxy, Self.request("{}"), Self.answer(prompt: 1, generated: 1))
            #expect(Self.left(last) == 448)
        }
    }

    @Test(
        "a stream that its client leaves costs its prompt, and the tokens that came; one that goes on all that it may cost",
        .enabled(if: !isNearMidnight),
        arguments: [([], 8 + 4), (["X-Conversation-Id: c"], 8 + 900)]
    )
    func left(fields: [String], cost: Int) async throws {
        try await withTenants("  a: {keys: k, tokens-per-day: 1000}", slots: [2]) {
            $0.proxy.openEndpoints = [.streams]
        } _: { proxy, _ in
            let body = #"{"stream":true,"max_tokens":900}"#
            let (client, upstream) = try await proxy.ask(Self.request(body, fields: fields, path: "/completion"))
            let events = (1...5).map { HTTP.chunk("data: {\"content\":\"\($0)\"}\n\n") }.joined()
            try await upstream.send(HTTP.eventStreamHead + events)
            _ = try await client.read(through: "\"5\"}\n\n")
            await client.close()
            _ = try await upstream.end()
            await upstream.close()
            try await proxy.untilIdle()
            let next = try await served(proxy, Self.request("{}"))
            #expect(Self.left(next) == 1000 - cost - 1)
        }
    }

    @Test("Anthropic's clients are told in Anthropic's fields")
    func anthropic() async throws {
        try await withTenants("  a: {keys: k, requests-per-minute: 1, tokens-per-minute: 60000}") { proxy, _ in
            let answer = try await served(proxy, Self.request(path: "/v1/messages"))
            #expect(answer["anthropic-ratelimit-requests-limit"] == ["1"])
            #expect(answer["anthropic-ratelimit-requests-remaining"] == ["0"])
            #expect(answer["anthropic-ratelimit-tokens-limit"] == ["60000"])
            let reset = try #require(answer["anthropic-ratelimit-requests-reset"].first)
            #expect(reset.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
            #expect(answer["x-ratelimit-limit-requests"].isEmpty)
            #expect(try await refused(proxy, Self.request(path: "/v1/messages")).status == 429)
        }
    }

    @Test(
        "times are written as each API writes them",
        arguments: [
            (0, "0s"), (1, "1ms"), (999_000_000, "999ms"), (1_000_000_001, "2s"), (90_000_000_000, "1m30s"),
            (7_265_000_000_000, "2h1m5s"),
        ]
    )
    func durations(nanoseconds: Int, text: String) {
        let meter = BudgetStatus.Meter(limit: 1, left: 0, untilFull: Int64(nanoseconds))
        let status = BudgetStatus(requests: meter, tokens: nil)
        let lines = String(decoding: RateLimitFields.lines(status, .openAI, at: 0), as: UTF8.self)
        #expect(lines.hasSuffix("x-ratelimit-reset-requests: \(text)\r\n"))
    }

    // MARK: - What the scheduler hears

    private func demand(_ proxy: TestProxy, _ request: String) async throws -> RequestDemand? {
        let (client, upstream) = try await proxy.ask(request)
        let demand = try await proxy.onLoop { loop in loop.clients.values.compactMap(\.request).first?.demand }
        try await upstream.send(HTTP.answer())
        _ = try await client.readMessage()
        await client.close()
        await upstream.close()
        try await proxy.untilIdle()
        return demand
    }

    @Test("the scheduler hears whose a request is, on what terms, and in which class")
    func terms() async throws {
        let tenants = """
              a: {keys: k, class: interactive, weight: 3, max-running: 4, max-waiting: 5}
              b: {keys: l}
            """
        try await withTenants(tenants) {
            $0.proxy.clientKeys = KeyRing(KeySet(["old"]), isClosed: true)
        } _: { proxy, _ in
            let first = try #require(try await demand(proxy, Self.request()))
            let terms = try #require(first.terms)
            #expect(first.priority == 0 && terms.weight == 3 && terms.maximumRunning == 4 && terms.maximumWaiting == 5)
            let other = try #require(try await demand(proxy, Self.request(key: "l")))
            #expect(other.priority == 1 && other.terms?.weight == 1 && other.terms?.maximumRunning == nil)
            let usual = try #require(try await demand(proxy, Self.request(key: "old")))
            #expect(usual.terms?.tenant == TenantID(number: 0) && usual.terms?.tenant != other.terms?.tenant)
            let batch = try await demand(proxy, Self.request(fields: ["X-Paddler-Class: batch"]))
            #expect(batch?.priority == 2 && batch?.terms == terms)
        }
    }

    @Test("who may wait no more isn't told that all slots are busy while some are idle")
    func mayNotWait() async throws {
        try await withTenants("  a: {keys: k, max-running: 1, max-waiting: 0}", slots: [2]) { proxy, _ in
            let (client, upstream) = try await proxy.ask(Self.request())
            let answer = try await refused(proxy, Self.request())
            #expect(answer.status == 429)
            #expect(answer.body.contains("no slot is free for this request, and none of your requests may wait"))
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("a class before the tenant's own isn't for it, nor is one that there isn't, and no server hears of it")
    func classes() async throws {
        try await withTenants("  a: {keys: k}") { proxy, _ in
            let high = try await refused(proxy, Self.request(fields: ["X-Paddler-Class: interactive"]))
            #expect(high.status == 400 && high.body.contains("it may name default, batch"))
            let unknown = try await refused(proxy, Self.request(fields: ["X-Paddler-Class: urgent"]))
            #expect(unknown.status == 400 && unknown.body.contains("there are interactive, default, batch"))
            let client = try await proxy.client(sending: Self.request(fields: ["x-paddler-class: batch"]))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage()["X-Paddler-Class"].isEmpty)
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("without tenants a request is nobody's, and its class is as good as another")
    func nobody() async throws {
        try await withProxy { proxy in
            let plain = try await demand(proxy, HTTP.completion())
            #expect(plain?.terms == nil && plain?.priority == 1)
            let batch = try await demand(proxy, HTTP.completion(fields: ["X-Paddler-Class: batch"]))
            #expect(batch?.priority == 2)
        }
    }

    @Test("where clients are told apart by address, it is the one that trusted proxies say")
    func addresses() async throws {
        try await withProxy {
            $0.proxy.addressTenants = SharedAddressTenants()
            $0.proxy.trustedProxies = TrustedProxies(["127.0.0.0/8", "10.0.0.0/8"].compactMap { AddressRange($0) })
        } _: { proxy in
            func tenant(_ fields: [String]) async throws -> TenantID {
                try #require(try await demand(proxy, HTTP.completion(fields: fields))?.terms?.tenant)
            }
            let plain = try await tenant([])
            let first = try await tenant(["X-Forwarded-For: 192.0.2.1"])
            #expect(first != plain)
            // What a client says of itself stands in front of what the first trusted proxy says.
            #expect(try await tenant(["X-Forwarded-For: 192.0.2.99, 192.0.2.1, 10.1.1.1"]) == first)
            #expect(try await tenant(["X-Forwarded-For: 192.0.2.1:4711", "X-Forwarded-For: 10.1.1.1"]) == first)
            #expect(try await tenant(["X-Forwarded-For: nonsense"]) == plain)
            let six = try await tenant(["X-Forwarded-For: 2001:db8::1"])
            #expect(try await tenant(["X-Forwarded-For: [2001:db8::2]:80"]) == six && six != first)
        }
    }
}
