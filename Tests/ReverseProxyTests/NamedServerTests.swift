import AccessControl
import LlamaServer
import LoopbackPorts
import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Requests for a named server", .timeLimit(.minutes(1)))
struct NamedServerTests {
    private static func request(
        _ request: String,
        fields: [String] = [],
        to upstream: ScriptedUpstream? = nil,
        body: String = ""
    ) -> String {
        let lines = (upstream.map { ["X-Paddler-Agent: \($0.address)"] } ?? []) + fields
        return "\(request) HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined()
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func open(_ options: inout TestProxy.Options) {
        options.proxy.openEndpoints = [.slots, .administration]
    }

    @Test(
        "go there, whichever is the least busy, and their answers say so",
        arguments: [
            "GET /slots", "GET /props", "GET /metrics", "GET /v1/models", "GET /lora-adapters", "POST /lora-adapters",
            "POST /slots/0?action=save", "POST /props", "POST /tokenize", "POST /completion",
        ],
        [0, 1]
    )
    func named(request: String, index: Int) async throws {
        try await withProxy(slots: [1, 1], Self.open) { proxy in
            let client = try await proxy.client(sending: Self.request(request, to: proxy.upstreams[index]))
            let upstream = try await proxy.upstreams[index].accept()
            let got = try await upstream.readMessage()
            #expect(got.startLine == "\(request) HTTP/1.1")
            #expect(got["X-Paddler-Agent"].isEmpty)
            try await upstream.send(HTTP.answer("[]"))
            let answer = try await client.readMessage()
            #expect(answer.status == 200)
            #expect(answer["X-Paddler-Upstream"] == ["\(proxy.upstreams[index].address)"])
        }
    }

    @Test("without a name, the least busy server describes itself, and says who it is")
    func described() async throws {
        try await withProxy(slots: [1, 1], Self.open) { proxy in
            let (busy, first) = try await proxy.ask()
            let client = try await proxy.client(sending: Self.request("GET /slots"))
            let upstream = try await proxy.upstreams[1].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer("[]"))
            let answer = try await client.readMessage()
            #expect(answer["X-Paddler-Upstream"] == ["\(proxy.upstreams[1].address)"])
            try await first.send(HTTP.answer())
            #expect(try await busy.readMessage()["X-Paddler-Upstream"].isEmpty)
        }
    }

    @Test("a request for a slot of one waits there, not in the queue, and its slot is counted")
    func slot() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let one = Self.request("POST /completion", to: proxy.upstreams[0], body: #"{"id_slot":0}"#)
            let clients = [try await proxy.client(sending: one), try await proxy.client(sending: one)]
            let upstreams = [try await proxy.upstreams[0].accept(), try await proxy.upstreams[0].accept()]
            for upstream in upstreams { #expect(try await upstream.readMessage().body == #"{"id_slot":0}"#) }
            #expect(try await proxy.load().leases == 2)
            for upstream in upstreams { try await upstream.send(HTTP.answer()) }
            for client in clients { #expect(try await client.readMessage().status == 200) }
        }
    }

    @Test("one that can't be connected to is an error, and nobody else gets the request", arguments: [true, false])
    func unreachable(needsSlot: Bool) async throws {
        let closed = try ClosedPort()
        try await withProxy(slots: [1]) { proxy in
            proxy.report(NetworkAddress(host: "127.0.0.1", port: closed.port), slots: 1)
            let request = needsSlot ? "POST /completion" : "GET /props"
            let field = "X-Paddler-Agent: 127.0.0.1:\(closed.port)"
            let client = try await proxy.client(sending: Self.request(request, fields: [field]))
            let answer = try await client.readMessage()
            #expect(answer.status == 502)
            #expect(answer.body.contains("no connection to the llama.cpp server"))
        }
    }

    @Test("one that loads says so itself")
    func loading() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: Self.request("POST /completion", to: proxy.upstreams[0]))
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            let body = #"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#
            try await upstream.send(HTTP.answer(body, status: "503 Service Unavailable"))
            let answer = try await client.readMessage()
            #expect(answer.status == 503)
            #expect(answer.body == body)
        }
    }

    @Test("one that breaks off while it has the request is an error, and nobody else gets it")
    func brokenOff() async throws {
        try await withProxy(slots: [1, 1]) { proxy in
            let client = try await proxy.client(sending: Self.request("POST /completion", to: proxy.upstreams[0]))
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            await upstream.close()
            try await proxy.upstreams[0].showLife()
            #expect(try await client.readMessage().status == 502)
            #expect(proxy.dispatcher.snapshot().counters.retried == 0)
        }
    }

    @Test("a name that nobody has is 404, and lists what there is", arguments: ["GET /slots", "POST /completion"])
    func unknown(request: String) async throws {
        try await withProxy(slots: [1, 1], Self.open) { proxy in
            let client = try await proxy.client(sending: Self.request(request, fields: ["X-Paddler-Agent: gpu\u{7}-9"]))
            #expect(try await client.readMessage().status == 400)
            let other = try await proxy.client(sending: Self.request(request, fields: ["X-Paddler-Agent: gpu-9"]))
            let answer = try await other.readMessage()
            #expect(answer.status == 404)
            #expect(answer.body.contains("'gpu-9'") && answer.body.contains("not_found_error"))
            for upstream in proxy.upstreams { #expect(answer.body.contains("'\(upstream.address)'")) }
        }
    }

    @Test("a server that is drained is asked, and runs nothing more")
    func drained() async throws {
        try await withProxy(slots: [1, 1], Self.open) { proxy in
            proxy.dispatcher.setDraining(proxy.upstreams[0].address, true)
            let client = try await proxy.client(
                sending: Self.request("POST /completion", to: proxy.upstreams[0])
                    + Self.request("POST /slots/0?action=save", to: proxy.upstreams[0])
            )
            let refusal = try await client.readMessage()
            #expect(refusal.status == 503)
            #expect(refusal["Retry-After"] == ["1"])
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("who shows no key learns no names")
    func withoutKey() async throws {
        try await withProxy(slots: [1, 1]) {
            $0.proxy.clientKeys = KeyRing(KeySet(["right"]), isClosed: true)
        } _: { proxy in
            let client = try await proxy.client(sending: Self.request("GET /slots", fields: ["X-Paddler-Agent: gpu-9"]))
            #expect(try await client.readMessage().status == 401)
            let page = try await proxy.client(sending: "GET / HTTP/1.1\r\nHost: a\r\nX-Paddler-Agent: gpu-9\r\n\r\n")
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer("page"))
            let answer = try await page.readMessage()
            #expect(answer.body == "page")
            #expect(answer["X-Paddler-Upstream"].isEmpty)
        }
    }

    // MARK: - All servers

    @Test("adapters are changed on all servers", arguments: ["", "no such adapter", "-"])
    func adapters(failure: String) async throws {
        try await withProxy(slots: [1, 1], Self.open) { proxy in
            let body = #"[{"id":0,"scale":0.5}]"#
            let client = try await proxy.client(
                sending: Self.request("POST /lora-adapters", fields: ["Authorization: k"], body: body)
                    + HTTP.get("/health")
            )
            for (index, scripted) in proxy.upstreams.enumerated() {
                let upstream = try await scripted.accept()
                let request = try await upstream.readMessage()
                #expect(request.startLine == "POST /lora-adapters HTTP/1.1")
                #expect(request["Authorization"] == ["k"])
                #expect(request.body == body)
                switch (index, failure) {
                case (1, "-"): await upstream.close()
                case (1, let failure) where !failure.isEmpty:
                    let error = #"{"error":{"code":400,"message":"\#(failure)","type":"invalid_request_error"}}"#
                    try await upstream.send(HTTP.answer(error, status: "400 Bad Request"))
                default: try await upstream.send(HTTP.answer(#"{"success":true}"#))
                }
            }
            let answer = try await client.readMessage()
            if failure.isEmpty {
                #expect(answer.status == 200)
                #expect(answer.body == #"{"success":true}"#)
            } else {
                #expect(answer.status == 502)
                #expect(answer.body.contains("1 of 2 llama.cpp servers have not done this"))
                let why = failure == "-" ? "gave no answer" : "answered 400: no such adapter"
                #expect(answer.body.contains("'\(proxy.upstreams[1].address)' \(why)"))
            }
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("of several models, adapters are those of the one that the query names")
    func adaptersOfModel() async throws {
        try await withProxy(slots: [1, 1], Self.open) { proxy in
            proxy.serve(["alpha", "beta"])
            let client = try await proxy.client(
                sending: Self.request("POST /lora-adapters", body: "[]")
                    + Self.request("POST /lora-adapters?model=beta", body: "[]")
            )
            let unclear = try await client.readMessage()
            #expect(unclear.status == 400)
            #expect(unclear.body.contains("'alpha', 'beta'"))
            let upstream = try await proxy.upstreams[1].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer(#"{"success":true}"#))
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("what belongs to the only server of a model goes there when the query names the model")
    func onlyOfModel() async throws {
        try await withProxy(slots: [1, 1], Self.open) { proxy in
            proxy.serve(["alpha", "beta"])
            let client = try await proxy.client(sending: Self.request("POST /slots/0?action=erase&model=beta"))
            let upstream = try await proxy.upstreams[1].accept()
            _ = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }
}

@Suite("A change that all servers make")
struct SharedChangeTests {
    private static func answer(_ statuses: [Int?]) -> LocalAnswer {
        var change = SharedChange()
        for (index, status) in statuses.enumerated() {
            change.add(status.map { ServerAnswer(status: $0, text: $0 == 200 ? "done" : "") }, of: "s\(index)")
        }
        return change.answer
    }

    @Test(
        "is answered with what all say, or with who has not made it",
        arguments: [
            ([200, 200], 200), ([400, 400], 400), ([501], 501), ([400, 501], 502), ([200, 400], 502), ([nil], 502),
            ([nil, 200], 502), ([], 200),
        ]
    )
    func statuses(statuses: [Int?], expected: Int) {
        #expect(Self.answer(statuses).status == expected)
    }

    @Test("not all names are listed of a large fleet")
    func many() {
        let message = Self.answer(Array(repeating: nil, count: 300)).error?.message ?? ""
        #expect(message.hasPrefix("300 of 300 llama.cpp servers have not done this: 's0' gave no answer; "))
        #expect(message.hasSuffix("; and 290 more"))
    }
}
