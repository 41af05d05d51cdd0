import AccessControl
import LlamaServer
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Upstreams behind a path prefix and on a socket", .timeLimit(.minutes(1)))
struct PrefixAndSocketTests {
    struct Path: Sendable, CustomTestStringConvertible {
        let prefix: String
        let written: String
        let sent: String

        var testDescription: String { "\(written) behind \(prefix)" }
    }

    @Test(
        "a path gets the prefix, whether the client has written it or not, and what needs a slot gets one",
        arguments: [
            Path(prefix: "/llm", written: "/completion", sent: "/llm/completion"),
            Path(prefix: "/llm", written: "/completion?a=/llm/b", sent: "/llm/completion?a=/llm/b"),
            Path(prefix: "/llm", written: "/llm/completion?a", sent: "/llm/completion?a"),
            Path(prefix: "/llm", written: "http://a/llm/completion", sent: "/llm/completion"),
            Path(prefix: "/llm/x", written: "/llm/x/v1/chat/completions", sent: "/llm/x/v1/chat/completions"),
            Path(prefix: "/v1", written: "/v1/chat/completions", sent: "/v1/v1/chat/completions"),
            Path(prefix: "/v1", written: "/v1/v1/chat/completions", sent: "/v1/v1/chat/completions"),
        ]
    )
    func path(path: Path) async throws {
        try await withProxy(slots: []) { proxy in
            let upstream = try await proxy.upstream(behind: path.prefix)
            let text = "POST \(path.written) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
            let client = try await proxy.client(sending: text)
            let connection = try await upstream.accept()
            let request = try await connection.readMessage()
            #expect(request.startLine == "POST \(path.sent) HTTP/1.1")
            #expect(request.body == "{}" && request["Host"] == ["a"])
            #expect(proxy.dispatcher.snapshot().summary.slotsIdle == 0)
            try await connection.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("the whole server is asked without a prefix")
    func asterisk() async throws {
        try await withProxy(slots: []) { proxy in
            let upstream = try await proxy.upstream(behind: "/llm")
            let client = try await proxy.client(sending: "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            let connection = try await upstream.accept()
            #expect(try await connection.readMessage().startLine == "OPTIONS * HTTP/1.1")
            try await connection.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("in a mixed fleet each upstream gets the path as it wants it, and is asked for its health there")
    func mixed() async throws {
        try await withProxy(slots: []) { proxy in
            let prefixed = try await proxy.upstream(behind: "/llm", slots: 2)
            let plain = try await ScriptedUpstream.start()
            proxy.report(plain, slots: 1)
            let text = "POST /llm/completion HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
            let client = try await proxy.client(sending: text)
            let first = try await prefixed.accept()
            #expect(try await first.readMessage().startLine == "POST /llm/completion HTTP/1.1")
            await first.close()
            try await prefixed.showLife(prefix: "/llm")
            let second = try await plain.accept()
            #expect(try await second.readMessage().startLine == "POST /completion HTTP/1.1")
            try await second.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test(
        "what is answered here or guarded is so behind a prefix",
        arguments: [
            ("GET /llm/health", 200), ("GET /llm/slots", 403), ("GET /llm/sl%6Fts", 403), ("POST /llm/props", 403),
            ("POST /llm/slots/0?action=erase", 403), ("GET /llm/completion", 401), ("GET /llmx/index.html", 401),
        ]
    )
    func answeredHere(request: String, status: Int) async throws {
        try await withProxy(slots: []) {
            if status == 401 { $0.proxy.clientKeys = KeyRing(KeySet(["right"]), isClosed: true) }
        } _: { proxy in
            _ = try await proxy.upstream(behind: "/llm")
            let client = try await proxy.client(sending: "\(request) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.readMessage().status == status)
        }
    }

    @Test("the web UI needs no key behind a prefix", arguments: ["/llm/", "/llm/index.html", "/bundle.js"])
    func page(path: String) async throws {
        try await withProxy(slots: []) {
            $0.proxy.clientKeys = KeyRing(KeySet(["right"]), isClosed: true)
            $0.proxy.upstreamAPIKey = "the upstream's"
        } _: { proxy in
            let upstream = try await proxy.upstream(behind: "/llm")
            let client = try await proxy.client(sending: HTTP.get(path))
            let connection = try await upstream.accept()
            let request = try await connection.readMessage()
            #expect(request.startLine == "GET \(path.hasPrefix("/llm") ? path : "/llm" + path) HTTP/1.1")
            #expect(request["Authorization"].isEmpty)
            try await connection.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("metrics are gathered behind prefixes and from sockets")
    func metrics() async throws {
        try await withProxy(slots: []) { proxy in
            let prefixed = try await proxy.upstream(behind: "/llm")
            let onSocket = try await ScriptedUpstream.start(socketPath: Self.socketPath())
            proxy.report(onSocket, slots: 1)
            let client = try await proxy.client(sending: HTTP.get("/llm/metrics"))
            for (upstream, path) in [(prefixed, "/llm/metrics"), (onSocket, "/metrics")] {
                let connection = try await upstream.accept()
                let request = try await connection.readMessage()
                #expect(request.startLine == "GET \(path) HTTP/1.1")
                #expect(request["Host"] == [upstream.address.authority])
                try await connection.send(HTTP.answer("# TYPE llamacpp:n counter\nllamacpp:n 21\n"))
            }
            #expect(try await client.readMessage().body.contains("\nllamacpp:n 42\n"))
            try await onSocket.stop()
        }
    }

    @Test("a server on a socket gets requests like any other, and its break is looked into there")
    func socket() async throws {
        try await withProxy(slots: []) {
            $0.proxy.rewritesHostHeader = true
        } _: { proxy in
            let upstream = try await ScriptedUpstream.start(socketPath: Self.socketPath())
            let other = try await ScriptedUpstream.start()
            proxy.report(upstream, slots: 2)
            proxy.report(other, slots: 1)
            let client = try await proxy.client(sending: HTTP.completion("1"))
            let first = try await upstream.accept()
            let request = try await first.readMessage()
            #expect(request.body == "1" && request["Host"] == ["localhost"])
            try await first.send(HTTP.answer("one"))
            #expect(try await client.readMessage().body == "one")
            try await client.send(HTTP.completion("2"))
            #expect(try await first.readMessage().body == "2")
            await first.close()
            try await upstream.showLife()
            let second = try await other.accept()
            #expect(try await second.readMessage().body == "2")
            try await second.send(HTTP.answer("two"))
            #expect(try await client.readMessage().body == "two")
            try await upstream.stop()
        }
    }

    @Test("a socket that isn't there is named as what is missing")
    func noSocket() async throws {
        try await withProxy(slots: []) {
            $0.scheduler.slotlessTimeout = .milliseconds(500)
        } _: { proxy in
            proxy.report(NetworkAddress(socketPath: Self.socketPath()), slots: 1)
            let client = try await proxy.client(sending: HTTP.get("/props"))
            let refusal = try await client.readMessage()
            #expect(refusal.status == 503 && refusal.body.contains("there is no such socket on this machine"))
        }
    }

    /// Of a socket that isn't there yet.
    private static func socketPath() -> String {
        "/tmp/paddler-\(UInt64.random(in: 0...UInt64.max)).sock"
    }
}

extension TestProxy {
    /// A server behind a path prefix, that the proxy knows.
    fileprivate func upstream(behind prefix: String, slots: Int = 1) async throws -> ScriptedUpstream {
        let upstream = try await ScriptedUpstream.start()
        report(UpstreamRoute(address: upstream.address, pathPrefix: PathPrefix(prefix)), slots: slots)
        return upstream
    }
}
