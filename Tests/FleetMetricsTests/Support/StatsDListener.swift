import LlamaServer
import NIOCore
import NIOPosix

/// A UDP socket on a port of the loopback address, and what comes to it.
struct StatsDListener: Sendable {
    private let channel: any Channel
    let address: NetworkAddress
    let datagrams: AsyncStream<String>

    /// - Parameter port: 0 takes any free one.
    init(port: Int = 0) async throws {
        let (datagrams, continuation) = AsyncStream.makeStream(of: String.self)
        channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(continuation: continuation))
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .get()
        address = NetworkAddress(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
        self.datagrams = datagrams
    }

    /// Waits for a datagram with this line.
    func waitForLine(_ line: String) async -> Bool {
        for await datagram in datagrams where datagram.split(separator: "\n").contains(where: { $0 == line }) {
            return true
        }
        return false
    }

    /// From now on, who sends to its port is told that nobody listens.
    func close() async throws {
        try await channel.close()
    }

    private final class Receiver: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let continuation: AsyncStream<String>.Continuation

        init(continuation: AsyncStream<String>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(String(buffer: unwrapInboundIn(data).data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }
    }
}
