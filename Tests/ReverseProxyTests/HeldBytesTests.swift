import LlamaServer
import NIOCore
import NIOEmbedded
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("What a client can make the balancer hold", .timeLimit(.minutes(1)))
struct HeldBytesTests {
    /// In bytes: what a connection may take that has nothing unfinished but the start of a head.
    private static let small = 4096

    @Test("a client that pipelines so that each read ends within the next request takes no more room for it")
    func unalignedPipelining() throws {
        let eventLoop = EmbeddedEventLoop()
        let dispatcher = Dispatcher(configuration: Scheduler.Configuration()) { _, _ in }
        let loop = try ProxyLoop.embedded(eventLoop, dispatcher)
        let client = ClientConnection(loop: loop)
        let channel = EmbeddedChannel(handler: client, loop: eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()

        let request = HTTP.get("/health", fields: ["X: \(String(repeating: "x", count: 50_000))"])
        var piece = request + request.prefix(20)
        for _ in 0..<100 {
            try channel.writeInbound(ByteBuffer(string: piece))
            #expect(client.received.bytes.storageCapacity <= Self.small)
            #expect(loop.budget.bytesHeld <= Self.small)
            piece = String(request.dropFirst(20)) + request.prefix(20)
        }
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(loop.budget.bytesHeld == 0)
    }

    @Test("what was used of a buffer makes room for what follows")
    func receiveBuffer() {
        var buffer = ReceiveBuffer()
        buffer.append(ByteBuffer(repeating: 1, count: 1000))
        for _ in 0..<1000 {
            buffer.append(ByteBuffer(repeating: 1, count: 60_000))
            buffer.use(60_000)
            #expect(buffer.bytes.readableBytes == 1000)
            #expect(buffer.heldBytes <= 131_072)
        }
        var spares = SpareBuffers()
        buffer.trim(into: &spares)
        #expect(buffer.heldBytes <= Self.small)
        buffer.useAll()
        buffer.trim(into: &spares)
        #expect(buffer.bytes.storageCapacity == 0)
    }

    @Test("a length that is announced takes no room, and none from others, before the body is there")
    func announcedBody() async throws {
        try await withProxy {
            $0.proxy.maximumBodyBytes = 1 << 20
            $0.proxy.maximumBufferedBytes = 1 << 20
        } _: { proxy in
            let head = "POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\nx"
            var others: [RawConnection] = []
            for _ in 0..<8 { others.append(try await proxy.client(sending: head)) }
            try await proxy.until("reading") { $0.requests == 8 }
            let rooms = try await proxy.onLoop { loop in
                loop.clients.values.map { $0.request.message?.bytes.storageCapacity ?? 0 }
            }
            #expect(rooms.allSatisfy { $0 <= 1 << 17 })
            #expect(try await proxy.load().bytes < 1 << 14)

            let (client, upstream) = try await proxy.ask(HTTP.completion(String(repeating: "x", count: 1 << 20)))
            try await upstream.send(HTTP.answer())
            #expect(try await client.readMessage().status == 200)
            for other in others { await other.close() }
        }
    }

    @Test("heads count, and those that are never finished")
    func heads() async throws {
        try await withProxy {
            $0.proxy.maximumBodyBytes = 1
            $0.proxy.maximumBufferedBytes = 1
        } _: { proxy in
            let head = "GET /v1/models HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 60_000))"
            var clients: [RawConnection] = []
            for count in 1...4 {
                clients.append(try await proxy.client(sending: head))
                try await proxy.until("held") { $0.bytes >= count * 60_000 }
            }
            let next = try await proxy.client(sending: head)
            let answer = try await next.readMessage()
            #expect(answer.status == 429)
            #expect(answer.body.contains("--max-buffered-bytes"))
            for client in clients { await client.close() }
        }
    }

    @Test("a body that comes too slowly, though without a pause: 408")
    func slowBody() async throws {
        try await withProxy { proxy in
            let client = try await proxy.client(
                sending: "POST /completion HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc"
            )
            try await proxy.until("reading") { $0.requests == 1 }
            try await proxy.onLoop { loop in
                loop.clients.values.first?.bodyPace = BodyPace(since: .now() - .seconds(600))
            }
            try await proxy.pass(.zero)
            let answer = try await client.readMessage()
            #expect(answer.status == 408)
            #expect(answer.body.contains("--request-body-min-rate"))
        }
    }

    @Test("a body's pace is looked at in each span anew, and a quick start buys no slow rest")
    func pace() {
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
        var pace = BodyPace(since: start)
        func isTooSlow(after seconds: Int64) -> Bool {
            pace.isTooSlow(at: start + .seconds(seconds), for: 500, over: .seconds(30))
        }
        pace.received(1 << 20)
        #expect(!isTooSlow(after: 29))
        #expect(!isTooSlow(after: 30))
        pace.received(15_000)
        #expect(!isTooSlow(after: 60))
        pace.received(14_999)
        #expect(!isTooSlow(after: 89))
        #expect(isTooSlow(after: 90))
    }

    @Test("a limit for bodies beyond what one message can hold is taken for that")
    func largestBody() {
        var configuration = ReverseProxyConfiguration(address: NetworkAddress(host: "127.0.0.1", port: 0))
        configuration.maximumBodyBytes = 8 << 30
        #expect(configuration.maximumBodyBytes == 2 << 30)
        configuration.maximumBodyBytes = -1
        #expect(configuration.maximumBodyBytes == 0)
    }

    @Test("connections that leave while others are looked at: none is passed over")
    func leavingDuringSweep() throws {
        let dispatcher = Dispatcher(configuration: Scheduler.Configuration()) { _, _ in }
        let loop = try ProxyLoop.embedded(EmbeddedEventLoop(), dispatcher)
        var clients = ConnectedClients()
        let connections = (0..<10).map { _ in ClientConnection(loop: loop) }
        for connection in connections { clients.add(connection) }
        var seen: Set<ObjectIdentifier> = []
        for place in (0..<10).reversed() where place < clients.count {
            seen.insert(ObjectIdentifier(clients.values[place]))
            if place.isMultiple(of: 3) { _ = clients.remove(clients.values[place]) }
            if place == 5 { _ = clients.remove(connections[8]) }
        }
        #expect(seen.count == 10)
        let isThere = clients.remove(connections[8])
        #expect(!isThere)
        #expect(clients.count == 5)
    }
}
