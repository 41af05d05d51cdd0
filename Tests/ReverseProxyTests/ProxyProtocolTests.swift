import AccessControl
import FleetMetrics
import NIOCore
import TestCertificates
import Testing
import TransportSecurity

@testable import ReverseProxy

@Suite("Connections that a proxy in front names", .timeLimit(.minutes(1)))
struct ProxyProtocolTests {
    private static let line = "PROXY TCP4 192.0.2.7 10.0.0.1 49153 8086\r\n"
    private static let others = "PROXY UNKNOWN\r\n"

    private func withNamed(
        trusted: [String] = ["127.0.0.0/8"],
        headLimit: Duration? = nil,
        certificates: ListenerCertificates? = nil,
        mayBeHTTP2: Bool = false,
        _ body: (TestProxy) async throws -> Void
    ) async throws {
        try await withProxy {
            $0.proxy.expectsProxyHeader = true
            $0.proxy.trustedProxies = TrustedProxies(trusted.compactMap { AddressRange($0) })
            $0.proxy.certificates = certificates
            $0.proxy.speaksHTTP2WithoutTLS = mayBeHTTP2
            if let headLimit { $0.proxy.timeouts.requestHead = headLimit }
        } _: { proxy in
            try await body(proxy)
        }
    }

    /// How the server is told of the client.
    private func forwarded(_ proxy: TestProxy, _ client: RawConnection) async throws -> [String] {
        let upstream = try await proxy.upstreams[0].accept()
        let message = try await upstream.readMessage()
        try await upstream.send(HTTP.answer())
        #expect(try await client.readMessage().status == 200)
        return message["X-Forwarded-For"]
    }

    @Test(
        "servers are told of the client that the header names; where it names none, of the proxy",
        arguments: [false, true]
    )
    func named(mayBeHTTP2: Bool) async throws {
        for (header, address) in [(Self.line, "192.0.2.7"), (Self.others, "127.0.0.1")] {
            try await withNamed(mayBeHTTP2: mayBeHTTP2) { proxy in
                let client = try await proxy.client(sending: header + HTTP.completion())
                let upstream = try await proxy.upstreams[0].accept()
                // The next request on it is the same client's.
                for number in 0..<2 {
                    if number == 1 { try await client.send(HTTP.completion()) }
                    #expect(try await upstream.readMessage()["X-Forwarded-For"] == [address])
                    try await upstream.send(HTTP.answer())
                    #expect(try await client.readMessage().status == 200)
                }
            }
        }
    }

    @Test("what the named client says of the way is believed only if it is a proxy that is trusted itself")
    func chain() async throws {
        for (trusted, expected) in [
            (["127.0.0.0/8"], "192.0.2.7"), (["127.0.0.0/8", "192.0.2.0/24"], "198.51.100.1, 192.0.2.7"),
        ] {
            try await withNamed(trusted: trusted) { proxy in
                let request = HTTP.completion(fields: ["X-Forwarded-For: 198.51.100.1"])
                let client = try await proxy.client(sending: Self.line + request)
                #expect(try await forwarded(proxy, client) == [expected])
            }
        }
    }

    @Test("the header may come byte by byte")
    func pieces() async throws {
        try await withNamed { proxy in
            let client = try await proxy.connect()
            for byte in Self.line { try await client.send(String(byte)) }
            try await client.send(HTTP.completion())
            #expect(try await forwarded(proxy, client) == ["192.0.2.7"])
        }
    }

    @Test("it stands in front of TLS")
    func tls() async throws {
        let folder = try CertificateFolder()
        let certificates = try ListenerCertificates([folder.write("a")])
        let context = try folder.clientContext()
        try await withNamed(certificates: certificates) { proxy in
            let client = try await RawConnection.connect(to: proxy.running.address, tls: context, preface: Self.line)
            try await client.send(HTTP.completion())
            #expect(try await forwarded(proxy, client) == ["192.0.2.7"])
            let plain = try await proxy.client(sending: Self.line + "GET / HTTP/1.1\r\n\r\n")
            #expect(try await plain.readMessage().status == 400)
            let late = try await proxy.client(sending: "\u{16}\u{3}\u{1}")
            #expect(try await late.readToEnd().text == "")
        }
    }

    @Test("whoever sends no header, or isn't such a proxy, gets no byte", arguments: [true, false])
    func refused(isTrusted: Bool) async throws {
        try await withNamed(trusted: isTrusted ? ["127.0.0.0/8"] : ["10.0.0.0/8"]) { proxy in
            let client = try await proxy.client(sending: (isTrusted ? "" : Self.line) + HTTP.completion())
            #expect(try await client.readToEnd().text == "")
            #expect(await proxy.server.metrics().clientsAccepted == 1)
        }
    }

    @Test("a header that doesn't come in time ends the connection")
    func late() async throws {
        try await withNamed(headLimit: .milliseconds(50)) { proxy in
            let client = try await proxy.client(sending: "PROXY TCP4")
            #expect(try await client.readToEnd().text == "")
        }
    }

    @Test("it is said once in ten seconds that connections were closed, with how many there were")
    func said() {
        var refusals = ProxyHeaderRefusals()
        #expect(refusals.add(at: 5) == 1)
        #expect(refusals.add(at: 6) == nil && refusals.add(at: 7) == nil)
        #expect(refusals.add(at: 10_000_000_005) == 3)
    }
}
