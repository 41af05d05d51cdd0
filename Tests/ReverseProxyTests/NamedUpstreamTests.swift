import Dispatch
import LlamaServer
import NIOCore
import NameResolution
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Upstreams that are known by name", .timeLimit(.minutes(1)))
struct NamedUpstreamTests {
    @Test("a name that nobody answers for holds up no other one, and doesn't get it ejected")
    func slowName() async throws {
        let end = DispatchSemaphore(value: 0)
        defer { end.signal() }
        try await withProxy(slots: []) {
            $0.names = .loopback(slowUntil: end)
            // A lookup is none of the time that a connection may take.
            $0.proxy.timeouts.connect = .seconds(5)
        } _: { proxy in
            let upstream = try await ScriptedUpstream.start()
            for number in 1...3 {
                proxy.report(NetworkAddress(host: "slow-\(number).example", port: 1), slots: 1)
            }
            // These wait for names.
            var waiting: [RawConnection] = []
            for _ in 1...3 { waiting.append(try await proxy.client(sending: HTTP.completion())) }
            try await proxy.until("on their way") { $0.leases == 3 }
            proxy.report(NetworkAddress(host: "fast.example", port: upstream.address.port), slots: 1)
            for number in 1...3 {
                let client = try await proxy.client(sending: HTTP.completion("\(number)"))
                let connection = try await upstream.accept()
                #expect(try await connection.readMessage().body == "\(number)")
                try await connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ndone")
                #expect(try await client.readMessage().body == "done")
                await client.close()
            }
            #expect(proxy.dispatcher.snapshot().counters.connectFailures == 0)
            for client in waiting { await client.close() }
            try await upstream.stop()
        }
    }

    @Test("a server that has moved to another address is reached there as soon as it is tried again")
    func moved() async throws {
        let upstream = try await ScriptedUpstream.start()
        let port = upstream.address.port
        try await withProxy(slots: []) {
            $0.names = .moving(from: "127.0.0.2", to: "127.0.0.1")
        } _: { proxy in
            proxy.report(NetworkAddress(host: "moves.example", port: port), slots: 1)
            let client = try await proxy.client(sending: HTTP.completion("1"))
            let connection = try await upstream.accept()
            #expect(try await connection.readMessage().body == "1")
            try await connection.send(HTTP.answer("done"))
            #expect(try await client.readMessage().body == "done")
            #expect(proxy.dispatcher.snapshot().counters.connectFailures == 1)
        }
        try await upstream.stop()
    }

    @Test("a name that isn't known is told to the client in words")
    func unknownName() async throws {
        try await withProxy(slots: []) {
            $0.names = NameResolver { _ in [] }
            $0.scheduler.queueTimeout = .milliseconds(500)
        } _: { proxy in
            proxy.report(NetworkAddress(host: "nosuch.example", port: 8088), slots: 1)
            let client = try await proxy.client(sending: HTTP.completion())
            let refusal = try await client.readMessage()
            #expect(refusal.status == 504)
            #expect(refusal.body.contains("the name nosuch.example cannot be resolved"))
        }
    }
}
