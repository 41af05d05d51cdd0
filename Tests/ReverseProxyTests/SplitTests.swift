import LlamaServer
import Logging
import NIOCore
import NIOEmbedded
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Requests that come in pieces", .timeLimit(.minutes(1)))
struct SplitTests {
    private static let sized = HTTP.completion("{\"a\":1}", fields: ["X-Request-Id: mine"])
    private static let chunked =
        "\r\nPOST /completion HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\nTransfer-Encoding: chunked\r\n\r\n"
        + HTTP.chunk("{\"a\"") + "3;x=\"y\"\r\n:1}\r\n0\r\nX-T: 1\r\n\r\n"

    @Test("it makes no difference where a request is cut in two", arguments: [sized, chunked])
    func cutInTwo(request: String) throws {
        let bytes = Array(request.utf8)
        let whole = try message(of: [bytes])
        #expect(whole.hasSuffix("\r\n\r\n{\"a\":1}"))
        for cut in 1..<bytes.count {
            #expect(try message(of: [Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
    }

    @Test("a request may come byte by byte", arguments: [sized, chunked])
    func byteByByte(request: String) throws {
        let bytes = Array(request.utf8)
        #expect(try message(of: bytes.map { [$0] }) == message(of: [bytes]))
    }

    /// What an upstream would be sent: there is none, so that the request waits.
    private func message(of pieces: [[UInt8]]) throws -> String {
        let eventLoop = EmbeddedEventLoop()
        let dispatcher = Dispatcher(configuration: Scheduler.Configuration()) { _, _ in }
        let loop = try ProxyLoop.embedded(eventLoop, dispatcher)
        let client = ClientConnection(loop: loop)
        let channel = EmbeddedChannel(handler: client, loop: eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        for piece in pieces { try channel.writeInbound(ByteBuffer(bytes: piece)) }

        #expect(dispatcher.snapshot().queued == 1)
        let message = try #require(client.request).message
        _ = try channel.finish()
        #expect(dispatcher.snapshot().queued == 0)
        #expect(loop.activeRequests == 0)
        #expect(loop.budget.bytesHeld == 0)
        return String(buffer: message.bytes)
    }
}

extension ProxyLoop {
    /// One without sockets.
    static func embedded(_ eventLoop: EmbeddedEventLoop, _ dispatcher: Dispatcher) throws -> ProxyLoop {
        let loop = ProxyLoop(
            index: 0,
            eventLoop: eventLoop,
            configuration: ReverseProxyConfiguration(address: .init(host: "127.0.0.1", port: 0)),
            dispatcher: dispatcher,
            budget: ByteBudget(limit: 1 << 20),
            connections: ConnectionCount(limit: 1000),
            tls: try UpstreamTLS(caFile: nil),
            logger: .silent
        )
        dispatcher.attach([LoopPort(eventLoop: eventLoop, loop: NIOLoopBound(loop, eventLoop: eventLoop))])
        return loop
    }
}
