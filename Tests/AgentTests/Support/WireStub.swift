import LlamaServer
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A listener that shows the bytes it gets and answers what it was told to, as a server that a test makes up.
final class WireStub: Sendable {
    let address: NetworkAddress
    private let channel: any Channel
    private let pieces: AsyncStream<String>
    private let unread = Mutex("")

    /// - Parameter reply: an answer, or nil for none, to what has come over a connection since the last answer.
    static func start(reply: @escaping @Sendable (String) -> String?) async throws -> WireStub {
        let (pieces, feed) = AsyncStream.makeStream(of: String.self)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(feed: feed, reply: reply))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        return WireStub(
            address: NetworkAddress(host: "127.0.0.1", port: try #require(channel.localAddress?.port)),
            channel: channel,
            pieces: pieces
        )
    }

    private init(address: NetworkAddress, channel: any Channel, pieces: AsyncStream<String>) {
        self.address = address
        self.channel = channel
        self.pieces = pieces
    }

    /// - Returns: everything from where the last call ended up to and with the text.
    func read(until text: String) async throws -> String {
        var iterator = pieces.makeAsyncIterator()
        while true {
            let found = unread.withLock { unread -> String? in
                guard let range = unread.firstRange(of: text) else { return nil }
                defer { unread.removeSubrange(..<range.upperBound) }
                return String(unread[..<range.upperBound])
            }
            if let found { return found }
            let piece = try #require(await iterator.next())
            unread.withLock { $0 += piece }
        }
    }

    /// NIO calls it on its connection's event loop alone.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let feed: AsyncStream<String>.Continuation
        private let reply: @Sendable (String) -> String?
        private var heard = ""

        init(feed: AsyncStream<String>.Continuation, reply: @escaping @Sendable (String) -> String?) {
            self.feed = feed
            self.reply = reply
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            feed.yield(text)
            heard += text
            guard let answer = reply(heard) else { return }
            heard = ""
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }
}
