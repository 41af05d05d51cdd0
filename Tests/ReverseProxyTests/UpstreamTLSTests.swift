import LlamaServer
import NIOSSL
import NameResolution
import Scheduling
import TestCertificates
import Testing

@testable import ReverseProxy

@Suite("Upstreams that are spoken to by TLS", .timeLimit(.minutes(1)))
struct UpstreamTLSTests {
    @Test("requests go through, one after the other over the same connection")
    func answered() async throws {
        let authority = try TestAuthority()
        try await authority.withFile { file in
            try await withProxy(slots: []) {
                $0.proxy.upstreamCAFile = file
            } _: { proxy in
                let upstream = try await ScriptedUpstream.start(tls: try authority.serverConfiguration())
                proxy.report(UpstreamRoute(address: upstream.address, usesTLS: true), slots: 1)
                let client = try await proxy.client(sending: HTTP.completion("1"))
                let connection = try await upstream.accept()
                #expect(try await connection.readMessage().body == "1")
                try await connection.send(HTTP.answer("one"))
                #expect(try await client.readMessage().body == "one")

                try await client.send(HTTP.completion("2"))
                #expect(try await connection.readMessage().body == "2")
                try await connection.send(HTTP.answer("two"))
                #expect(try await client.readMessage().body == "two")
                #expect(proxy.dispatcher.snapshot().counters.connectFailures == 0)
                try await upstream.stop()
            }
        }
    }

    @Test("a stream arrives as it comes, and its end is the end of the connection")
    func stream() async throws {
        let authority = try TestAuthority()
        try await authority.withFile { file in
            try await withProxy(slots: []) {
                $0.proxy.upstreamCAFile = file
            } _: { proxy in
                let upstream = try await ScriptedUpstream.start(tls: try authority.serverConfiguration())
                proxy.report(UpstreamRoute(address: upstream.address, usesTLS: true), slots: 1)
                let client = try await proxy.client(sending: HTTP.completion())
                let connection = try await upstream.accept()
                _ = try await connection.readMessage()
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
                _ = try await client.readHead()
                #expect(try await client.read(9) == "data: 1\n\n")
                try await connection.send("data: 2\n\n")
                await connection.close()
                let rest = try await client.readToEnd()
                #expect(rest.text == "data: 2\n\n")
                #expect(rest.end == .finished)
                await client.close()
                try await upstream.stop()
            }
        }
    }

    @Test("one whose certificate nobody trusted vouches for gets no request, and the client is told why")
    func distrusted() async throws {
        let tls = try TestAuthority().serverConfiguration()
        try await expectNoConnection(tls: tls, "no secure connection: its certificate is not to be trusted")
    }

    @Test("one that speaks no TLS gets no request, and the client is told why")
    func noTLS() async throws {
        try await expectNoConnection(tls: nil, "no secure connection: the other side speaks no TLS") { upstream in
            let connection = try await upstream.accept()
            _ = try await connection.read(1)
            try await connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
    }

    private func expectNoConnection(
        tls: TLSConfiguration?,
        _ reason: String,
        meanwhile play: (ScriptedUpstream) async throws -> Void = { _ in }
    ) async throws {
        try await withProxy(slots: []) {
            $0.scheduler.slotlessTimeout = .zero
        } _: { proxy in
            let upstream = try await ScriptedUpstream.start(tls: tls)
            proxy.report(UpstreamRoute(address: upstream.address, usesTLS: true), slots: 1)
            let free = try await proxy.client(sending: HTTP.get("/props"))
            try await play(upstream)
            let refusal = try await free.readMessage()
            #expect(refusal.status == 503)
            #expect(refusal.body.contains(reason))
            try await upstream.stop()
        }
    }

    @Test(
        "one that is known by name has to show a certificate for the name; one for its address proves nothing",
        arguments: [
            ([], false), (["other.example"], false), (["example"], false), (["*.gpu-1.example"], false),
            (["gpu-1.example"], true), (["other.example", "GPU-1.example"], true), (["*.example"], true),
        ]
    )
    func named(names: [String], isServed: Bool) async throws {
        let authority = try TestAuthority()
        try await authority.withFile { file in
            try await withProxy(slots: []) {
                $0.proxy.upstreamCAFile = file
                $0.names = .loopback
            } _: { proxy in
                let upstream = try await ScriptedUpstream.start(tls: try authority.serverConfiguration(names: names))
                let address = NetworkAddress(host: "gpu-1.example", port: upstream.address.port)
                proxy.report(UpstreamRoute(address: address, usesTLS: true), slots: 1)
                let client = try await proxy.client(sending: HTTP.completion("1"))
                if isServed {
                    let connection = try await upstream.accept()
                    #expect(try await connection.readMessage().body == "1")
                    try await connection.send(HTTP.answer("one"))
                    #expect(try await client.readMessage().body == "one")
                } else {
                    try await proxy.until("refused") { _ in proxy.dispatcher.snapshot().counters.connectFailures > 0 }
                    await client.close()
                }
                try await upstream.stop()
            }
        }
    }

    @Test("one whose certificate has expired gets no request")
    func expired() async throws {
        let authority = try TestAuthority()
        try await authority.withFile { file in
            try await withProxy(slots: []) {
                $0.proxy.upstreamCAFile = file
            } _: { proxy in
                let tls = try authority.serverConfiguration(lifetime: 60)
                let upstream = try await ScriptedUpstream.start(tls: tls)
                proxy.report(UpstreamRoute(address: upstream.address, usesTLS: true), slots: 1)
                let client = try await proxy.client(sending: HTTP.completion())
                try await proxy.until("refused") { _ in proxy.dispatcher.snapshot().counters.connectFailures > 0 }
                await client.close()
                try await upstream.stop()
            }
        }
    }

    @Test("with one to spare, a request goes there")
    func elsewhere() async throws {
        let tls = try TestAuthority().serverConfiguration()
        try await withProxy(slots: [1]) { proxy in
            let distrusted = try await ScriptedUpstream.start(tls: tls)
            proxy.report(UpstreamRoute(address: distrusted.address, usesTLS: true), slots: 2)
            let client = try await proxy.client(sending: HTTP.completion("1"))
            let upstream = try await proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().body == "1")
            try await upstream.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.connectFailures == 1)
            try await distrusted.stop()
        }
    }

    @Test("who has waited in vain for one is told of the last attempt")
    func waitedInVain() async throws {
        let tls = try TestAuthority().serverConfiguration()
        try await withProxy(slots: []) {
            $0.scheduler.queueTimeout = .milliseconds(500)
        } _: { proxy in
            let upstream = try await ScriptedUpstream.start(tls: tls)
            proxy.report(UpstreamRoute(address: upstream.address, usesTLS: true), slots: 1)
            let client = try await proxy.client(sending: HTTP.completion())
            let refusal = try await client.readMessage()
            #expect(refusal.status == 504)
            #expect(refusal.body.contains("its certificate is not to be trusted"))
            try await upstream.stop()
        }
    }
}
