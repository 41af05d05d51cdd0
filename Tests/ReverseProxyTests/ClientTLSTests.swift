import AccessControl
import FleetMetrics
import Logging
import NIOCore
import NIOSSL
import RequestRecords
import TestCertificates
import Testing
import TransportSecurity

@testable import AccessControl
@testable import ReverseProxy

@Suite("Clients that speak TLS", .timeLimit(.minutes(1)))
struct ClientTLSTests {
    /// A proxy that speaks TLS to its clients, and its certificates.
    private struct Scene {
        let proxy: TestProxy
        let folder: CertificateFolder
        let certificates: ListenerCertificates
        let client: NIOSSLContext

        func connect(naming name: String? = nil) async throws -> RawConnection {
            try await .connect(to: proxy.running.address, tls: client, serverName: name)
        }

        func client(sending text: String) async throws -> RawConnection {
            let client = try await connect()
            try await client.send(text)
            return client
        }

        func ask(_ request: String = HTTP.completion()) async throws -> (RawConnection, upstream: RawConnection) {
            let client = try await client(sending: request)
            let upstream = try await proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            return (client, upstream)
        }
    }

    private func withScene(
        slots: [Int] = [1],
        pairs: [String] = ["usual.example"],
        _ configure: (inout TestProxy.Options) -> Void = { _ in },
        _ body: (Scene) async throws -> Void
    ) async throws {
        let folder = try CertificateFolder()
        let certificates = try ListenerCertificates(pairs.map { try folder.write($0, names: [$0]) })
        let client = try folder.clientContext()
        try await withProxy(slots: slots) {
            $0.proxy.certificates = certificates
            configure(&$0)
        } _: { proxy in
            try await body(Scene(proxy: proxy, folder: folder, certificates: certificates, client: client))
        }
    }

    private func metrics(_ scene: Scene) async -> [TLSHandshakeResult: Int] {
        await scene.proxy.server.metrics().handshakes
    }

    // MARK: - What is served

    @Test("requests are served one after the other, and servers are told that their client speaks TLS")
    func answered() async throws {
        try await withScene { scene in
            let client = try await scene.client(sending: HTTP.completion("1"))
            let upstream = try await scene.proxy.upstreams[0].accept()
            let request = try await upstream.readMessage()
            #expect(request.body == "1" && request["X-Forwarded-Proto"] == ["https"])
            try await upstream.send(HTTP.answer("one"))
            #expect(try await client.readMessage().body == "one")
            try await client.send(HTTP.completion("2"))
            #expect(try await upstream.readMessage().body == "2")
            try await upstream.send(HTTP.answer("two"))
            #expect(try await client.readMessage().body == "two")
            #expect(await metrics(scene) == [.completed: 1])
        }
    }

    @Test("a stream comes as its server sends it")
    func stream() async throws {
        try await withScene { scene in
            let (client, upstream) = try await scene.ask()
            try await upstream.send(HTTP.eventStreamHead)
            _ = try await client.readHead()
            for number in 1...3 {
                let chunk = HTTP.chunk("data: \(number)\n\n")
                try await upstream.send(chunk)
                #expect(try await client.read(chunk.utf8.count) == chunk)
            }
            try await upstream.send(HTTP.lastChunk)
            #expect(try await client.read(through: HTTP.lastChunk) == HTTP.lastChunk)
        }
    }

    @Test("a body comes in pieces, a record of TLS for each byte of it")
    func pieces() async throws {
        try await withScene { scene in
            let body = String(repeating: "0123456789", count: 20)
            let client = try await scene.connect()
            for byte in HTTP.completion(body) { try await client.send(String(byte)) }
            let upstream = try await scene.proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().body == body)
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
        }
    }

    @Test("large bodies go both ways")
    func large() async throws {
        let body = String(repeating: "0123456789abcdef", count: 1 << 18)
        try await withScene { scene in
            let client = try await scene.connect()
            client.begin(sending: HTTP.completion(body))
            let upstream = try await scene.proxy.upstreams[0].accept()
            #expect(try await upstream.readMessage().body == body)
            upstream.begin(sending: HTTP.answer(body))
            #expect(try await client.readMessage().body == body)
        }
    }

    @Test("a slow client stops the reading from its upstream, and nothing is lost when it goes on")
    func slow() async throws {
        let body = String(repeating: "0123456789abcdef", count: 4 << 20)
        try await withScene { scene in
            let client = try await scene.client(sending: HTTP.completion())
            let upstream = try await scene.proxy.upstreams[0].accept()
            _ = try await upstream.readMessage()
            try await client.stopReading()
            upstream.begin(sending: HTTP.answer(body))
            #expect(try await scene.proxy.mostUnsentBytes() < 1 << 20)
            try await client.resumeReading()
            #expect(try await client.readMessage().body == body)
        }
    }

    // MARK: - Ends

    enum Leaving: CaseIterable {
        case withGoodbye, withoutGoodbye, byReset
    }

    @Test(
        "a client that leaves in the middle of its stream: its server is told, and its slot is free",
        arguments: Leaving.allCases
    )
    func left(leaving: Leaving) async throws {
        try await withScene { scene in
            let (client, upstream) = try await scene.ask()
            try await upstream.send(HTTP.eventStreamHead + HTTP.chunk("data: 1\n\n"))
            _ = try await client.readHead()
            switch leaving {
            case .withGoodbye: await client.close()
            case .withoutGoodbye: try await client.vanish()
            case .byReset: try await client.reset()
            }
            #expect(try await upstream.end() == .finished)
            try await scene.proxy.until("gone") { $0.clients == 0 }
            await upstream.close()
            try await scene.proxy.untilIdle()
        }
    }

    @Test("a client that leaves while its request waits leaves the queue", arguments: Leaving.allCases)
    func leftQueue(leaving: Leaving) async throws {
        try await withScene(slots: [0]) { scene in
            let client = try await scene.client(sending: HTTP.completion())
            try await scene.proxy.until("queued") { $0.queued == 1 }
            switch leaving {
            case .withGoodbye: await client.close()
            case .withoutGoodbye: try await client.vanish()
            case .byReset: try await client.reset()
            }
            try await scene.proxy.until("gone") { $0.clients == 0 && $0.queued == 0 }
        }
    }

    @Test("a client that says goodbye behind its request has left: TLS knows no half of a connection")
    func goodbye() async throws {
        try await withScene(slots: [0]) { scene in
            let client = try await scene.client(sending: HTTP.completion())
            try await scene.proxy.until("queued") { $0.queued == 1 }
            try await client.finish()
            #expect(try await client.readToEnd().text == "")
            try await scene.proxy.until("gone") { $0.clients == 0 && $0.queued == 0 }
        }
    }

    @Test("an answer that ends with its connection ends with the goodbye of TLS, and one that is cut without")
    func untilClose() async throws {
        try await withScene(slots: [2]) { scene in
            for isWhole in [true, false] {
                let (client, upstream) = try await scene.ask(HTTP.completion(fields: ["Connection: close"]))
                try await upstream.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello")
                _ = try await client.readHead()
                #expect(try await client.read(5) == "hello")
                if isWhole { await upstream.close() } else { try await upstream.reset() }
                #expect(try await client.readToEnd().end == (isWhole ? .finished : .reset))
            }
        }
    }

    @Test("an answer of our own, the last on its connection, arrives whole")
    func lastAnswer() async throws {
        try await withScene { scene in
            let client = try await scene.client(sending: "GET / HT TP/1.1\r\n\r\n")
            #expect(try await client.readMessage().status == 400)
            #expect(try await client.readToEnd().end == .finished)
        }
    }

    // MARK: - Handshakes

    @Test("a request without TLS is answered without, in words, and counted")
    func withoutTLS() async throws {
        try await withScene { scene in
            let client = try await scene.proxy.client(sending: HTTP.get("/health"))
            let refusal = try await client.readMessage()
            #expect(refusal.status == 400 && refusal["Connection"] == ["close"])
            #expect(refusal.body.contains("ask by https:// instead of http://"))
            #expect(try await client.readToEnd().end == .finished)
            await client.close()
            try await scene.proxy.until("gone") { $0.clients == 0 }
            #expect(await metrics(scene) == [.plainRequest: 1])
            let told = try #require(await scene.proxy.server.requests().ended.first)
            #expect(told.status == 400 && told.client == "127.0.0.1" && told.answerBytes > refusal.body.utf8.count)
        }
    }

    @Test("TLS to a port that speaks plain HTTP is refused at once, in words")
    func unexpectedTLS() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(sending: "\u{16}\u{3}\u{1}\u{0}\u{5}\u{1}")
            let refusal = try await client.readMessage()
            #expect(refusal.status == 400)
            #expect(refusal.body.contains("ask by http:// instead of https://"))
            #expect(try await client.readToEnd().end == .finished)
        }
    }

    @Test("what is neither TLS nor a request ends the connection")
    func nonsense() async throws {
        try await withScene { scene in
            let client = try await scene.proxy.client(sending: "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}")
            _ = try await client.readToEnd()
            try await scene.proxy.until("gone") { $0.clients == 0 }
            #expect(await metrics(scene) == [.failed: 1])
        }
    }

    @Test(
        "a client that doesn't come to the end of its handshake is closed after --request-head-timeout",
        arguments: ["", "\u{16}\u{3}\u{1}\u{0}"]
    )
    func unfinished(start: String) async throws {
        try await withScene {
            $0.proxy.timeouts.requestHead = .milliseconds(200)
        } _: { scene in
            let client = try await scene.proxy.client(sending: start)
            _ = try await client.end()
            try await scene.proxy.until("gone") { $0.clients == 0 }
            #expect(await metrics(scene) == [.timedOut: 1])
        }
    }

    @Test("handshakes have their places among the connections, and who is refused is told by TLS")
    func places() async throws {
        try await withScene {
            $0.proxy.maximumConnections = 1
        } _: { scene in
            let silent = try await scene.proxy.connect()
            try await scene.proxy.until("one") { $0.clients == 1 }
            let refused = try await scene.connect()
            #expect(try await refused.readMessage().status == 503)
            await refused.close()
            await silent.close()
            try await scene.proxy.until("gone") { $0.clients == 0 }
            // Who says nothing and goes has begun no handshake.
            #expect(await metrics(scene)[.completed] == 1)
            #expect(await metrics(scene)[.failed] == nil)
        }
    }

    // MARK: - Certificates

    @Test(
        "a client is shown the certificate of the server that it names",
        arguments: [
            ("usual.example", "usual.example"), ("other.example", "other.example"), ("OTHER.example", "other.example"),
            ("a.wild.example", "*.wild.example"), (nil, "usual.example"),
        ] as [(String?, String)]
    )
    func names(name: String?, shown: String) async throws {
        try await withScene(pairs: ["usual.example", "other.example", "*.wild.example"]) { scene in
            let client = try await scene.connect(naming: name)
            try await client.send(HTTP.get("/health"))
            #expect(try await client.readMessage().status == 200)
            let certificate = try NIOSSLCertificate.fromPEMFile(scene.folder.path("\(shown).pem"))[0]
            #expect(try await client.peerCertificate() == certificate.toDERBytes())
        }
    }

    @Test("a certificate that is replaced is shown from then on, and connections that are there go on")
    func replaced() async throws {
        try await withScene { scene in
            let (client, upstream) = try await scene.ask()
            try await upstream.send(HTTP.eventStreamHead)
            _ = try await client.readHead()
            let watch = FileWatch(sources: scene.certificates.watched, logger: .silent)
            try scene.folder.write("usual.example", names: ["usual.example"])
            await watch.obey()

            let newcomer = try await scene.client(sending: HTTP.get("/health"))
            #expect(try await newcomer.readMessage().status == 200)
            #expect(try await newcomer.peerCertificate() != client.peerCertificate())
            let certificate = try NIOSSLCertificate.fromPEMFile(scene.folder.path("usual.example.pem"))[0]
            #expect(try await newcomer.peerCertificate() == certificate.toDERBytes())
            try await upstream.send(HTTP.lastChunk)
            #expect(try await client.read(through: HTTP.lastChunk) == HTTP.lastChunk)
        }
    }
}
