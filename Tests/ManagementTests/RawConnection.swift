import LlamaServer
import NIOCore
import NIOPosix

/// A connection on which a test says and hears bytes.
enum RawConnection {
    /// A connection for as long as the body runs.
    static func with<Result: Sendable>(
        _ address: NetworkAddress,
        _ body: @Sendable (inout Ends) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var ends = Ends(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&ends)
        }
    }

    /// What can be said and heard.
    struct Ends {
        fileprivate var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        private var heard = ""

        fileprivate init(
            inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
            outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) {
            self.inbound = inbound
            self.outbound = outbound
        }

        func say(_ text: String) async throws {
            try await say(Array(text.utf8))
        }

        func say(_ bytes: [UInt8]) async throws {
            try await outbound.write(ByteBuffer(bytes: bytes))
        }

        /// - Returns: everything up to and with the text, and takes it away.
        mutating func hear(to text: String) async throws -> String {
            while true {
                if let range = heard.firstRange(of: text) {
                    let part = String(heard[..<range.upperBound])
                    heard.removeSubrange(..<range.upperBound)
                    return part
                }
                guard let buffer = try await inbound.next() else { throw Ended(heard: heard) }
                heard += String(buffer: buffer)
            }
        }

        /// - Returns: what comes until the other side ends the connection.
        mutating func hearToTheEnd() async throws -> String {
            while let buffer = try await inbound.next() { heard += String(buffer: buffer) }
            return heard
        }
    }

    struct Ended: Error {
        let heard: String
    }
}
