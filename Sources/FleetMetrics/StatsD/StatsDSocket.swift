import NIOCore
import NIOPosix
import Synchronization

/// A UDP socket that is connected, so that the system tells when nobody listens at its other end.
struct StatsDSocket: Sendable {
    /// Its other end.
    let address: SocketAddress
    private let channel: any Channel
    private let failures: Failures

    /// - Throws: what the system says.
    init(to address: SocketAddress, group: any EventLoopGroup) async throws {
        self.address = address
        let failures = Failures()
        channel = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FailureHandler(failures: failures))
                }
            }
            .connect(to: address)
            .get()
        self.failures = failures
    }

    /// - Throws: what the system says; it may be about the datagram before.
    func send(_ text: String) async throws {
        try await channel.writeAndFlush(channel.allocator.buffer(string: text))
    }

    /// What has gone wrong since this was last asked.
    func takeFailure() async -> (any Error)? {
        // What the system has told by now, the loop has seen when it gets to this.
        try? await channel.eventLoop.submit {}.get()
        return failures.last.withLock { failure in
            defer { failure = nil }
            return failure
        }
    }

    func close() async {
        try? await channel.close()
    }
}

extension StatsDSocket {
    fileprivate final class Failures: Sendable {
        let last = Mutex<(any Error)?>(nil)
    }

    /// Refusals come when they come: as errors of reading, of which there is otherwise none.
    fileprivate final class FailureHandler: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let failures: Failures

        init(failures: Failures) {
            self.failures = failures
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            // No StatsD server answers; whoever does says nothing that matters.
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            failures.last.withLock { $0 = error }
        }

        /// Some errors end the socket, without a word about the reason.
        func channelInactive(context: ChannelHandlerContext) {
            failures.last.withLock { $0 = $0 ?? ChannelError.ioOnClosedChannel }
        }
    }
}
