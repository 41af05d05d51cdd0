import NIOCore
import NIOEmbedded
import Scheduling
import Testing

@testable import ReverseProxy

/// What an upstream would be sent: there is none, so that the request waits.
enum HeldMessage {
    static let clientAddress = "127.0.0.1"

    /// - Parameter pieces: how the request arrives.
    /// - Returns: nil if it was answered instead.
    static func of(_ pieces: [[UInt8]], from clientAddress: String = clientAddress) throws -> ByteBuffer? {
        let eventLoop = EmbeddedEventLoop()
        let dispatcher = Dispatcher(configuration: Scheduler.Configuration()) { _, _ in }
        let loop = try ProxyLoop.embedded(eventLoop, dispatcher)
        let client = ClientConnection(loop: loop)
        let channel = EmbeddedChannel(handler: client, loop: eventLoop)
        try channel.connect(to: SocketAddress(ipAddress: clientAddress, port: 1)).wait()
        for piece in pieces { try channel.writeInbound(ByteBuffer(bytes: piece)) }

        let message = client.request.message?.bytes
        #expect(loop.waiting.count == (message == nil ? 0 : 1))
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(loop.waiting.isEmpty)
        #expect(loop.activeRequests == 0)
        #expect(loop.budget.bytesHeld == 0)
        return message
    }
}
