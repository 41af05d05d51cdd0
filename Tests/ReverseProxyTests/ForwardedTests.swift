import AccessControl
import NIOCore
import Testing

@testable import ReverseProxy

@Suite("What is said of the way to us", .timeLimit(.minutes(1)))
struct ForwardedTests {
    private static let given = [
        "X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 10.0.0.2", "X-Forwarded-Proto: https",
        "X-Forwarded-Host: a.example",
        "X-Forwarded-Port: 443", "X-Forwarded-Prefix: /llm", "X-Real-IP: 10.0.0.1",
        "Forwarded: for=10.0.0.1;proto=https",
    ]

    private func sent(_ fields: [String], trusted: [String]) async throws -> Message {
        var message = Message(head: "")
        try await withProxy {
            $0.proxy.trustedProxies = TrustedProxies(trusted.compactMap { AddressRange($0) })
        } _: { proxy in
            let client = try await proxy.client(sending: HTTP.completion(fields: fields))
            let upstream = try await proxy.upstreams[0].accept()
            message = try await upstream.readMessage()
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
        return message
    }

    @Test("a trusted proxy's word goes on")
    func trusted() async throws {
        let message = try await sent(Self.given, trusted: ["127.0.0.0/8"])
        #expect(message["X-Forwarded-For"] == ["10.0.0.1, 10.0.0.2, 127.0.0.1"])
        #expect(message["X-Forwarded-Proto"] == ["https"])
        #expect(message["X-Forwarded-Host"] == ["a.example"])
        #expect(message["X-Real-IP"] == ["10.0.0.1"])
        #expect(message["Forwarded"] == ["for=10.0.0.1;proto=https", "for=127.0.0.1"])
    }

    @Test("anybody else's is replaced, or left out", arguments: [[], ["10.0.0.0/8"]])
    func untrusted(ranges: [String]) async throws {
        let message = try await sent(Self.given, trusted: ranges)
        #expect(message["X-Forwarded-For"] == ["127.0.0.1"])
        #expect(message["X-Forwarded-Proto"] == ["http"])
        for name in ["X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded"] {
            #expect(message[name].isEmpty)
        }
    }

    @Test("an IPv4 client of a listener for both families is known by its IPv4 address")
    func mapped() throws {
        let message = try HeldMessage.of([Array(HTTP.completion().utf8)], from: "::ffff:192.0.2.7")
        let text = try #require(message.map { String(buffer: $0) })
        #expect(text.contains("X-Forwarded-For: 192.0.2.7\r\n"))
    }

    @Test(
        "the cookies of the management address are for no server",
        arguments: [
            ("paddler_session=secret", nil), ("a=1; paddler_session=secret; b=2", "a=1; b=2"),
            ("__Host-paddler_session=secret;c=3", "c=3"), ("a=paddler", "a=paddler"),
            ("__Secure-Paddler-session=secret; a=\"1\"", "a=\"1\""), ("xpaddler=1", "xpaddler=1"),
            ("a=1; b=2", "a=1; b=2"),
            ("a=1;;  paddler;", "a=1"),
        ] as [(String, String?)]
    )
    func cookies(given: String, kept: String?) async throws {
        let message = try await sent(["Cookie: \(given)", "X-Other: paddler_session"], trusted: [])
        #expect(message["Cookie"] == (kept.map { [$0] } ?? []))
        #expect(message["X-Other"] == ["paddler_session"])
    }

    // MARK: - Loops

    @Test("each proxy on the way is named, this one last")
    func via() async throws {
        let message = try await sent(["Via: 1.1 front.example"], trusted: [])
        let names = message["Via"]
        #expect(names.count == 2)
        #expect(names.first == "1.1 front.example")
        #expect(names.last?.wholeMatch(of: /1\.1 paddler-[0-9a-f]{16}/) != nil)
    }

    @Test("a request that comes back to the balancer is answered at once", arguments: [true, false])
    func loop(needsSlot: Bool) async throws {
        try await withProxy(slots: []) { proxy in
            proxy.report(proxy.running.address, slots: 2)
            let client = try await proxy.client(sending: needsSlot ? HTTP.completion() : HTTP.get("/v1/models"))
            let answer = try await client.readMessage()
            #expect(answer.status == 508)
            #expect(answer.body.contains("--external-llamacpp-addr"))
            #expect(try await proxy.load().clients <= 2)
        }
    }
}
