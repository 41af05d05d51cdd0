import LlamaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// A listener on a loopback port whose connections are HTTP/1.1.
struct HTTPStub: Sendable {
    let channel: any Channel
    let address: NetworkAddress

    /// - Parameter makeHandler: called for each connection.
    static func listen(
        port: Int = 0,
        makeHandler: @escaping @Sendable () -> any ChannelHandler & Sendable
    ) async throws -> HTTPStub {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false).flatMap {
                    channel.pipeline.addHandler(makeHandler())
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .get()
        let port = try #require(channel.localAddress?.port)
        return HTTPStub(channel: channel, address: NetworkAddress(host: "127.0.0.1", port: port))
    }

    func close() async throws {
        try await channel.close()
    }
}
